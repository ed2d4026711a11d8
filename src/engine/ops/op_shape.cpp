// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/typed.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Shape& shape = inputs[0]->shape();
  if (call.op == "Size") return one(Tensor::scalar(inputs[0]->count()));
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto place = [rank](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? std::max(at, -rank) + rank : at, 0, rank);
  };
  const std::int64_t begin = place(call.integer("start", 0));
  const std::int64_t end = std::max(begin, place(call.integer("end", rank)));
  const std::span<const std::int64_t> sizes(shape.data() + begin, shape.data() + end);
  return one(Tensor::of<std::int64_t>({end - begin}, sizes));
}

std::vector<OpProbe> probes() {
  const Tensor x(ElementType::kFloat32, {2, 3, 4});
  return {{"all sizes", op_call("Shape", 1), {x}, {}, false},
          {"some sizes",
           op_call("Shape", 1, {{"start", std::int64_t{-2}}, {"end", std::int64_t{-1}}}),
           {x},
           {},
           false},
          {"count", op_call("Size", 1), {x}, {}, false}};
}

}  // namespace

const OpEntry& op_shape() {
  static const OpEntry entry{"",      {"Shape", "Size"}, "Sizes of a tensor as numbers.",
                             compute, nullptr,           probes};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/axes.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", 0), in.shape().size()));
  TENBIN_TRY(auto sizes, integers_of(call, inputs, 1, "split"));
  const auto along = static_cast<std::size_t>(axis);
  std::int64_t rest = in.shape()[along];
  if (sizes.empty()) {
    const auto parts = static_cast<std::int64_t>(std::max<std::size_t>(1, call.outputs.size()));
    const std::int64_t each = (rest + parts - 1) / parts;
    for (std::int64_t i = 0; i < parts; ++i) {
      sizes.push_back(std::clamp<std::int64_t>(in.shape()[along] - i * each, 0, each));
    }
  }
  if (sizes.size() != call.outputs.size()) {
    return bad_operands(call, std::to_string(sizes.size()) + " sizes for " +
                                  std::to_string(call.outputs.size()) + " outputs");
  }
  std::vector<Tensor> out;
  std::int64_t begin = 0;
  for (const std::int64_t size : sizes) {
    if (size < 0 || size > rest) {
      return bad_operands(call, "sizes do not add up to " + std::to_string(in.shape()[along]));
    }
    Shape shape = in.shape();
    shape[along] = size;
    TENBIN_TRY(Tensor part, picked(in, shape, [&](std::size_t d, std::int64_t i) {
                 return d == along ? begin + i : i;
               }));
    out.push_back(std::move(part));
    begin += size;
    rest -= size;
  }
  if (rest != 0) return bad_operands(call, std::to_string(rest) + " left over");
  return out;
}

std::vector<OpProbe> probes() {
  return {{"in halves",
           op_call("Split", 1, {{"axis", std::int64_t{1}}}, "", 2),
           {Tensor::of<float>({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})},
           {},
           false},
          {"sizes given",
           op_call("Split", 2, {}, "", 2),
           {Tensor::of<float>({3}, {1, 2, 3}), Tensor::of<std::int64_t>({2}, {1, 2})},
           {false, true},
           false}};
}

}  // namespace

const OpEntry& op_split() {
  static const OpEntry entry{"", {"Split"}, "Parts along an axis.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

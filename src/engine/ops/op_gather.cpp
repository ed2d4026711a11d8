// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/typed.h"

namespace tenbin {
namespace {

template <class T>
Status pick(const OpCall& call, const Tensor& in, std::span<const std::int64_t> indices,
            std::size_t axis, Tensor& out) {
  std::int64_t outer = 1, inner = 1;
  for (std::size_t d = 0; d < axis; ++d) outer *= in.shape()[d];
  for (std::size_t d = axis + 1; d < in.shape().size(); ++d) inner *= in.shape()[d];
  const std::int64_t size = in.shape()[axis];
  const auto from = cells<T>(in).begin();
  auto to = cells<T>(out).begin();
  for (std::int64_t i = 0; i < outer; ++i) {
    for (std::int64_t index : indices) {
      if (index < 0) index += size;
      if (index < 0 || index >= size) {
        return bad_operands(call, "index " + std::to_string(index) + " of " + std::to_string(size));
      }
      const auto row = from + (i * size + index) * inner;
      to = std::copy(row, row + inner, to);
    }
  }
  return {};
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const std::int64_t found, axis_of(call, call.integer("axis", 0), in.shape().size()));
  const auto axis = static_cast<std::size_t>(found);
  TENBIN_TRY(const auto indices, integers_of(call, *inputs[1]));
  Shape shape(in.shape().begin(), in.shape().begin() + found);
  shape.insert(shape.end(), inputs[1]->shape().begin(), inputs[1]->shape().end());
  shape.insert(shape.end(), in.shape().begin() + found + 1, in.shape().end());
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), std::move(shape)));
  TENBIN_CHECK(moved(in.type(), [&]<class T>() { return pick<T>(call, in, indices, axis, out); }));
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"rows by number",
           op_call("Gather", 2),
           {Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6}), Tensor::of<std::int64_t>({2}, {2, 0})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_gather() {
  static const OpEntry entry{"", {"Gather"}, "Slices picked by number.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

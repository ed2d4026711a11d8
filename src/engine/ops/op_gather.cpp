// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

template <class T>
Status pick(const OpCall& call, const Tensor& in, std::span<const std::int64_t> indices,
            std::size_t axis, Tensor& out) {
  std::int64_t outer = 1, inner = 1;
  for (std::size_t d = 0; d < axis; ++d) outer *= in.shape()[d];
  for (std::size_t d = axis + 1; d < in.shape().size(); ++d) inner *= in.shape()[d];
  const std::int64_t size = in.shape()[axis];
  const auto from = in.data<T>().begin();
  auto to = out.data<T>().begin();
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
  std::vector<std::int64_t> indices;
  if (inputs[1]->type() == ElementType::kInt32) {
    const auto given = inputs[1]->data<std::int32_t>();
    indices.assign(given.begin(), given.end());
  } else if (inputs[1]->type() == ElementType::kInt64) {
    const auto given = inputs[1]->data<std::int64_t>();
    indices.assign(given.begin(), given.end());
  } else {
    return bad_element_type(call, inputs[1]->type(), "int64 indices");
  }
  Shape shape(in.shape().begin(), in.shape().begin() + found);
  shape.insert(shape.end(), inputs[1]->shape().begin(), inputs[1]->shape().end());
  shape.insert(shape.end(), in.shape().begin() + found + 1, in.shape().end());
  Tensor out(in.type(), shape);
  switch (in.type()) {
    case ElementType::kFloat32: TENBIN_CHECK(pick<float>(call, in, indices, axis, out)); break;
    case ElementType::kFloat64: TENBIN_CHECK(pick<double>(call, in, indices, axis, out)); break;
    case ElementType::kInt64: TENBIN_CHECK(pick<std::int64_t>(call, in, indices, axis, out)); break;
    case ElementType::kInt32: TENBIN_CHECK(pick<std::int32_t>(call, in, indices, axis, out)); break;
    case ElementType::kString: TENBIN_CHECK(pick<std::string>(call, in, indices, axis, out)); break;
    default: return bad_element_type(call, in.type(), "numbers or string");
  }
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

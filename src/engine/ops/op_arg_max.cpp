// SPDX-License-Identifier: Apache-2.0
#include "engine/elementwise.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  if (in.type() != ElementType::kFloat32) return bad_element_type(call, in.type(), "float32");
  TENBIN_TRY(const std::int64_t found, axis_of(call, call.integer("axis", 0), in.shape().size()));
  const auto axis = static_cast<std::size_t>(found);
  if (in.shape()[axis] == 0) return bad_operands(call, "axis of size 0");
  std::int64_t outer = 1, inner = 1;
  for (std::size_t d = 0; d < axis; ++d) outer *= in.shape()[d];
  for (std::size_t d = axis + 1; d < in.shape().size(); ++d) inner *= in.shape()[d];
  Shape shape = in.shape();
  if (call.integer("keepdims", 1) != 0)
    shape[axis] = 1;
  else
    shape.erase(shape.begin() + found);
  const bool least = call.op == "ArgMin";
  const bool last = call.integer("select_last_index", 0) != 0;
  Tensor out(ElementType::kInt64, shape);
  const auto x = in.data<float>();
  auto y = out.data<std::int64_t>();
  for (std::int64_t i = 0; i < outer * inner; ++i) {
    const std::int64_t base = i / inner * in.shape()[axis] * inner + i % inner;
    std::int64_t best = 0;
    for (std::int64_t k = 1; k < in.shape()[axis]; ++k) {
      const float now = x[static_cast<std::size_t>(base + k * inner)];
      const float then = x[static_cast<std::size_t>(base + best * inner)];
      const bool better = least ? now < then : now > then;
      if (better || (last && now == then)) best = k;
    }
    y[static_cast<std::size_t>(i)] = best;
  }
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"ties go to the first",
           op_call("ArgMax", 1, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}}),
           {Tensor::of<float>({2, 3}, {1, 3, 3, 5, 2, 0})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_arg_max() {
  static const OpEntry entry{
      "", {"ArgMax", "ArgMin"}, "Where the largest value stands.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

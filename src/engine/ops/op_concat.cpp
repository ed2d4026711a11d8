// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/typed.h"

namespace tenbin {
namespace {

template <class T> void join(OpInputs inputs, std::int64_t outer, std::size_t axis, Tensor& out) {
  auto to = cells<T>(out).begin();
  for (std::int64_t i = 0; i < outer; ++i) {
    for (const Tensor* input : inputs) {
      std::int64_t block = 1;
      for (std::size_t d = axis; d < input->shape().size(); ++d) block *= input->shape()[d];
      const auto from = cells<T>(*input).begin() + i * block;
      to = std::copy(from, from + block, to);
    }
  }
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, std::max<std::size_t>(1, inputs.size())));
  Shape shape = inputs[0]->shape();
  TENBIN_TRY(const std::int64_t found,
             axis_of(call, call.integer("axis", call.opset < 4 ? 1 : 0), shape.size()));
  const auto axis = static_cast<std::size_t>(found);
  shape[axis] = 0;
  for (const Tensor* input : inputs) {
    TENBIN_CHECK(need_type(call, *input, inputs[0]->type()));
    if (input->shape().size() != shape.size()) return bad_operands(call, "ranks differ");
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (d != axis && input->shape()[d] != shape[d]) {
        return bad_operands(call, to_text(input->shape()) + " beside " +
                                      to_text(inputs[0]->shape()) + " on axis " +
                                      std::to_string(axis));
      }
    }
    shape[axis] += input->shape()[axis];
  }
  std::int64_t outer = 1;
  for (std::size_t d = 0; d < axis; ++d) outer *= shape[d];
  TENBIN_TRY(Tensor out, checked_tensor(inputs[0]->type(), shape));
  moved(out.type(), [&]<class T>() { join<T>(inputs, outer, axis, out); });
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"columns side by side",
           op_call("Concat", 2, {{"axis", std::int64_t{1}}}),
           {Tensor::of<float>({2, 1}, {1, 2}), Tensor::of<float>({2, 2}, {3, 4, 5, 6})},
           {}}};
}

}  // namespace

const OpEntry& op_concat() {
  static const OpEntry entry{"",      {"Concat"}, "Tensors joined along an axis.",
                             compute, nullptr,    probes};
  return entry;
}

}  // namespace tenbin

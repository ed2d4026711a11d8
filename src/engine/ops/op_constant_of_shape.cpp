// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/typed.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  TENBIN_TRY(Shape shape, integers_of(call, *inputs[0]));
  const Tensor zero = Tensor::scalar(0.0F);
  const Tensor* value = call.tensor("value");
  if (value == nullptr) value = &zero;
  if (value->count() != 1) return bad_operands(call, "value of " + to_text(value->shape()));
  TENBIN_TRY(Tensor out, checked_tensor(value->type(), std::move(shape)));
  moved(out.type(), [&]<class T>() {
    const auto to = cells<T>(out);
    std::fill(to.begin(), to.end(), cells<T>(*value)[0]);
  });
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"ones",
           op_call("ConstantOfShape", 1, {{"value", Tensor::of<std::int64_t>({1}, {1})}}),
           {Tensor::of<std::int64_t>({2}, {2, 3})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_constant_of_shape() {
  static const OpEntry entry{
      "", {"ConstantOfShape"}, "One value in a given shape.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

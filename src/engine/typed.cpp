// SPDX-License-Identifier: Apache-2.0
#include "engine/typed.h"

namespace tenbin {

Result<std::vector<std::int64_t>> integers_of(const OpCall& call, const Tensor& operand) {
  if (operand.type() == ElementType::kInt64) {
    const auto given = operand.data<std::int64_t>();
    return std::vector<std::int64_t>(given.begin(), given.end());
  }
  if (operand.type() == ElementType::kInt32) {
    const auto given = operand.data<std::int32_t>();
    return std::vector<std::int64_t>(given.begin(), given.end());
  }
  return bad_element_type(call, operand.type(), "int32 or int64");
}

Result<std::vector<std::int64_t>> integers_of(const OpCall& call, OpInputs inputs, std::size_t i,
                                              const std::string& attribute,
                                              std::vector<std::int64_t> fallback) {
  const Tensor* operand = input_of(inputs, i);
  if (operand != nullptr) return integers_of(call, *operand);
  return call.integers(attribute, std::move(fallback));
}

Result<double> number_of(const OpCall& call, const Tensor& operand) {
  if (operand.count() != 1) {
    return bad_operands(call, to_text(operand.shape()) + ", expected one number");
  }
  double value = 0;
  const auto take = [&]<class T>() {
    value = static_cast<double>(operand.data<T>()[0]);
    return std::vector<Tensor>();
  };
  TENBIN_CHECK(typed(call, operand.type(), kNumbers + kBools, take));
  return value;
}

AxisView around_axis(const Shape& shape, std::int64_t axis) {
  AxisView view;
  const auto at = static_cast<std::size_t>(axis);
  for (std::size_t d = 0; d < at; ++d) view.outer *= shape[d];
  view.size = shape[at];
  for (std::size_t d = at + 1; d < shape.size(); ++d) view.inner *= shape[d];
  return view;
}

}  // namespace tenbin

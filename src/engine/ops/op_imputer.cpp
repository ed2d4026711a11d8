// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

template <class T, class Fill>
Result<std::vector<Tensor>> impute(const OpCall& call, const Tensor& in,
                                   const std::vector<Fill>& fills, Fill marker) {
  const std::size_t columns = in.shape().empty() ? 1 : static_cast<std::size_t>(in.shape().back());
  if (fills.size() != 1 && fills.size() != columns) {
    return bad_operands(call, std::to_string(fills.size()) + " imputed values for " +
                                  std::to_string(columns) + " columns");
  }
  Tensor out = in;
  const auto values = out.data<T>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    bool missing = values[i] == static_cast<T>(marker);
    if constexpr (std::is_floating_point_v<T>) {
      missing = missing || (std::isnan(marker) && std::isnan(values[i]));
    }
    if (missing) values[i] = static_cast<T>(fills[fills.size() == 1 ? 0 : i % columns]);
  }
  return one(std::move(out));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  if (in.type() == ElementType::kInt64) {
    return impute<std::int64_t, std::int64_t>(call, in, call.integers("imputed_value_int64s"),
                                              call.integer("replaced_value_int64", 0));
  }
  const std::vector<float> fills = call.numbers("imputed_value_floats");
  const float marker = call.number("replaced_value_float", 0);
  if (in.type() == ElementType::kFloat32) return impute<float, float>(call, in, fills, marker);
  if (in.type() == ElementType::kFloat64) return impute<double, float>(call, in, fills, marker);
  return bad_element_type(call, in.type(), "float32, float64 or int64");
}

std::vector<OpProbe> probes() {
  const float gap = std::nanf("");
  const Attributes gaps = {{"imputed_value_floats", std::vector<float>{7, 8}},
                           {"replaced_value_float", gap}};
  const Attributes zeros = {{"imputed_value_int64s", std::vector<std::int64_t>{5}},
                            {"replaced_value_int64", std::int64_t{-1}}};
  return {{"gaps, by column",
           op_call("Imputer", 1, gaps, "ai.onnx.ml"),
           {Tensor::of<float>({2, 2}, {gap, 2, 3, gap})},
           {},
           false},
          {"a marker among integers",
           op_call("Imputer", 1, zeros, "ai.onnx.ml"),
           {Tensor::of<std::int64_t>({1, 3}, {-1, 0, 4})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_imputer() {
  static const OpEntry entry{"ai.onnx.ml", {"Imputer"}, "Missing values filled by column.",
                             compute,      nullptr,     probes};
  return entry;
}

}  // namespace tenbin

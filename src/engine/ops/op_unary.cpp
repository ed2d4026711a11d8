// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

using Function = double (*)(double x, double alpha);
struct Row {
  const char* op;
  Function f;
  float alpha;
};
constexpr Row kRows[] = {
    {"Floor", [](double x, double) { return std::floor(x); }, 0},
    {"Ceil", [](double x, double) { return std::ceil(x); }, 0},
    {"Abs", [](double x, double) { return std::fabs(x); }, 0},
    {"Neg", [](double x, double) { return -x; }, 0},
    {"Exp", [](double x, double) { return std::exp(x); }, 0},
    {"Log", [](double x, double) { return std::log(x); }, 0},
    {"Sqrt", [](double x, double) { return std::sqrt(x); }, 0},
    {"Reciprocal", [](double x, double) { return 1 / x; }, 0},
    {"Sin", [](double x, double) { return std::sin(x); }, 0},
    {"Cos", [](double x, double) { return std::cos(x); }, 0},
    {"Tanh", [](double x, double) { return std::tanh(x); }, 0},
    {"Sigmoid", [](double x, double) { return 1 / (1 + std::exp(-x)); }, 0},
    {"Relu", [](double x, double) { return x > 0 ? x : 0; }, 0},
    {"LeakyRelu", [](double x, double a) { return x > 0 ? x : a * x; }, 0.01F},
    {"Elu", [](double x, double a) { return x > 0 ? x : a * (std::exp(x) - 1); }, 1},
};

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  for (const Row& row : kRows) {
    if (call.op != row.op) continue;
    const auto alpha = static_cast<double>(call.number("alpha", row.alpha));
    const auto apply = [&](auto x) { return row.f(static_cast<double>(x), alpha); };
    if (in.type() == ElementType::kFloat32) return one(unary<float, float>(in, apply));
    if (in.type() == ElementType::kFloat64) return one(unary<double, double>(in, apply));
    const bool whole = call.op == "Abs" || call.op == "Neg" || call.op == "Relu";
    if (whole && in.type() == ElementType::kInt64) {
      return one(unary<std::int64_t, std::int64_t>(in, apply));
    }
    return bad_element_type(call, in.type(), "float32 or float64");
  }
  return bad_operands(call, "unknown function");
}

std::vector<OpProbe> probes() {
  std::vector<OpProbe> out;
  for (const Row& row : kRows) {
    out.push_back({row.op, op_call(row.op, 1), {Tensor::of<float>({3}, {0.5F, 1.25F, 2.75F})}, {}});
  }
  for (const char* op : {"Relu", "LeakyRelu", "Elu", "Sigmoid", "Tanh"}) {
    out.push_back({"a batch of both signs",
                   op_call(op, 1),
                   {Tensor::of<float>({2, 3}, {0.5F, -1.25F, 2.75F, -0.5F, 0.1F, -3})},
                   {}});
  }
  return out;
}

}  // namespace

const OpEntry& op_unary() {
  static const OpEntry entry{"",
                             {"Floor", "Ceil", "Abs", "Neg", "Exp", "Log", "Sqrt", "Reciprocal",
                              "Sin", "Cos", "Tanh", "Sigmoid", "Relu", "LeakyRelu", "Elu"},
                             "Functions of one tensor, element by element.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin

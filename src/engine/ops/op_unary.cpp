// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "engine/typed.h"

namespace tenbin {
namespace {

// A function of one number and of two attributes of the call, with their defaults.
struct Row {
  const char* op;
  double (*f)(double x, double a, double b);
  const char* first = "";
  float a = 0;
  const char* second = "";
  float b = 0;
};
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

constexpr Row kRows[] = {
    {"Floor", [](double x, double, double) { return std::floor(x); }},
    {"Ceil", [](double x, double, double) { return std::ceil(x); }},
    {"Round", [](double x, double, double) { return std::nearbyint(x); }},
    {"Abs", [](double x, double, double) { return std::fabs(x); }},
    {"Neg", [](double x, double, double) { return -x; }},
    {"Sign", [](double x, double, double) { return x > 0   ? 1.0
                                                   : x < 0 ? -1.0
                                                           : x; }},
    {"Exp", [](double x, double, double) { return std::exp(x); }},
    {"Log", [](double x, double, double) { return std::log(x); }},
    {"Sqrt", [](double x, double, double) { return std::sqrt(x); }},
    {"Reciprocal", [](double x, double, double) { return 1 / x; }},
    {"Erf", [](double x, double, double) { return std::erf(x); }},
    {"Sin", [](double x, double, double) { return std::sin(x); }},
    {"Cos", [](double x, double, double) { return std::cos(x); }},
    {"Tan", [](double x, double, double) { return std::tan(x); }},
    {"Asin", [](double x, double, double) { return std::asin(x); }},
    {"Acos", [](double x, double, double) { return std::acos(x); }},
    {"Atan", [](double x, double, double) { return std::atan(x); }},
    {"Sinh", [](double x, double, double) { return std::sinh(x); }},
    {"Cosh", [](double x, double, double) { return std::cosh(x); }},
    {"Tanh", [](double x, double, double) { return std::tanh(x); }},
    {"Asinh", [](double x, double, double) { return std::asinh(x); }},
    {"Acosh", [](double x, double, double) { return std::acosh(x); }},
    {"Atanh", [](double x, double, double) { return std::atanh(x); }},
    {"Sigmoid", [](double x, double, double) { return sigmoid(x); }},
    {"Relu", [](double x, double, double) { return x < 0 ? 0 : x; }},
    {"LeakyRelu", [](double x, double a, double) { return x >= 0 ? x : a * x; }, "alpha", 0.01F},
    {"ThresholdedRelu", [](double x, double a, double) { return x > a ? x : 0; }, "alpha", 1},
    {"Elu", [](double x, double a, double) { return x > 0 ? x : a * std::expm1(x); }, "alpha", 1},
    {"Celu", [](double x, double a, double) { return x > 0 ? x : a * std::expm1(x / a); }, "alpha",
     1},
    {"Selu", [](double x, double a, double b) { return b * (x > 0 ? x : a * std::expm1(x)); },
     "alpha", 1.67326319217681884765625F, "gamma", 1.05070102214813232421875F},
    {"HardSigmoid",
     [](double x, double a, double b) { return std::fmax(0, std::fmin(1, a * x + b)); }, "alpha",
     0.2F, "beta", 0.5F},
    {"HardSwish",
     [](double x, double, double) { return x * std::fmax(0, std::fmin(1, x / 6 + 0.5)); }},
    {"Gelu", [](double x, double, double) { return x / 2 * (1 + std::erf(x / std::sqrt(2))); }},
    {"Swish", [](double x, double a, double) { return x * sigmoid(a * x); }, "alpha", 1},
    {"Softplus", [](double x, double, double) { return softplus(x); }},
    {"Softsign", [](double x, double, double) { return x / (1 + std::fabs(x)); }},
    {"Mish", [](double x, double, double) { return x * std::tanh(softplus(x)); }},
    {"Shrink", [](double x, double a, double b) { return x < -a  ? x + b
                                                         : x > a ? x - b
                                                                 : 0; },
     "lambd", 0.5F, "bias", 0},
};

constexpr Row kGeluByTanh = {"Gelu", [](double x, double, double) {
                               const double inner = x + 0.044715 * x * x * x;
                               return x / 2 *
                                      (1 + std::tanh(std::sqrt(2 * std::numbers::inv_pi) * inner));
                             }};

// Whole numbers of any size, for the few functions that take them.
template <class T> T whole(const std::string& op, T x) {
  if (op == "Sign") return static_cast<T>(x > 0 ? 1 : x < 0 ? -1 : 0);
  if (op == "Relu") return x < 0 ? T{0} : x;
  if (op == "Abs" && x >= 0) return x;
  return static_cast<T>(0 - static_cast<std::uint64_t>(x));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  const bool takes_whole = call.op == "Abs" || call.op == "Neg" || call.op == "Relu" ||
                           call.op == "Sign" || call.op == "Shrink";
  const Row* row = nullptr;
  for (const Row& r : kRows) row = call.op == r.op ? &r : row;
  if (call.op == "Gelu" && call.text("approximate", "none") == "tanh") row = &kGeluByTanh;
  if (row == nullptr) return bad_operands(call, "unknown function");
  const auto a = static_cast<double>(call.number(row->first, row->a));
  const auto b = static_cast<double>(call.number(row->second, row->b));
  const auto apply = [&]<class T>() -> Result<std::vector<Tensor>> {
    if constexpr (std::is_integral_v<T>) {
      if (call.op != "Shrink") {
        return one(unary<T, T>(in, [&](T x) { return whole<T>(call.op, x); }));
      }
    }
    return one(unary<T, T>(in, [&](T x) { return row->f(static_cast<double>(x), a, b); }));
  };
  return takes_whole ? typed(call, in.type(), kNumbers, apply)
                     : typed(call, in.type(), kReals, apply);
}

std::vector<OpProbe> probes() {
  std::vector<OpProbe> out;
  for (const Row& row : kRows) {
    constexpr const char* kLater[] = {"Mish", "Gelu", "Swish"};  // of operator sets past 17
    const auto is = [&](const char* op) { return std::strcmp(row.op, op) == 0; };
    if (std::any_of(std::begin(kLater), std::end(kLater), is)) continue;
    const bool inverse = is("Asin") || is("Acos") || is("Atanh");
    const Tensor x = inverse ? Tensor::of<float>({3}, {0.5F, 0, 0.25F})
                             : Tensor::of<float>({3}, {1.5F, 1.25F, 2.75F});
    out.push_back({row.op, op_call(row.op, 1), {x}, {}});
  }
  for (const char* op : {"Relu", "LeakyRelu", "Elu", "Sigmoid", "Tanh", "Selu", "Celu",
                         "HardSigmoid", "HardSwish", "Softplus", "Softsign"}) {
    out.push_back({"a batch of both signs",
                   op_call(op, 1),
                   {Tensor::of<float>({2, 3}, {0.5F, -1.25F, 2.75F, -0.5F, 0.1F, -3})},
                   {}});
  }
  return out;
}

}  // namespace

const OpEntry& op_unary() {
  static const OpEntry entry = [] {
    OpEntry e{"", {}, "Functions of one tensor, element by element.", compute, nullptr, probes};
    for (const Row& row : kRows) e.ops.emplace_back(row.op);
    return e;
  }();
  return entry;
}

}  // namespace tenbin

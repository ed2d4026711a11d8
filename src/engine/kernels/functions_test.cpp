// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/functions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/kernels/test_floats.h"

namespace tenbin::kernels {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

TEST(Functions, ErrorFunctionAndItsSlope) {
  const std::vector<float> src = {-6, -1.5F, -0.1F, 0, 1e-4F, 0.7F, 2, 9};
  std::vector<float> dst(src.size()), diff(src.size());
  const std::vector<float> ones(src.size(), 1);
  error_function(dst.data(), src.data(), static_cast<std::int64_t>(src.size()));
  error_function_backward(diff.data(), ones.data(), src.data(),
                          static_cast<std::int64_t>(src.size()));
  for (std::size_t i = 0; i < src.size(); ++i) {
    const double x = src[i];
    EXPECT_NEAR(dst[i], std::erf(x), 1e-6) << x;
    EXPECT_NEAR(diff[i], 2 / std::sqrt(std::acos(-1.0)) * std::exp(-x * x), 2e-6) << x;
  }
}

TEST(Functions, CellOfAnLstmFollowsItsFormula) {
  constexpr std::int64_t kBatch = 3, kUnits = 21;
  auto gates = normal(kBatch * 4 * kUnits, 1);
  for (std::size_t i = 0; i < gates.size(); i += 7) gates[i] *= 40;  // far from zero too
  const auto sums = gates, before = normal(kBatch * kUnits, 2);
  std::vector<float> cell(before.size()), hidden(before.size());
  lstm_cell({kBatch, kUnits}, gates.data(), before.data(), cell.data(), hidden.data());
  for (std::int64_t at = 0; at < kBatch * kUnits; ++at) {
    const auto gate = [&](std::int64_t g) {
      return static_cast<double>(
          sums[static_cast<std::size_t>((at / kUnits * 4 + g) * kUnits + at % kUnits)]);
    };
    const auto i = static_cast<std::size_t>(at);
    const double want =
        sigmoid(gate(2)) * static_cast<double>(before[i]) + sigmoid(gate(0)) * std::tanh(gate(3));
    EXPECT_NEAR(cell[i], want, 1e-6);
    EXPECT_NEAR(hidden[i], sigmoid(gate(1)) * std::tanh(want), 1e-6);
  }
}

TEST(Functions, CellOfAGruFollowsItsFormula) {
  constexpr std::int64_t kBatch = 2, kUnits = 19;
  auto gates = normal(kBatch * 3 * kUnits, 1);
  const auto sums = gates, recurrent = normal(kBatch * 3 * kUnits, 2),
             before = normal(kBatch * kUnits, 3);
  std::vector<float> hidden(before.size());
  gru_cell({kBatch, kUnits}, gates.data(), recurrent.data(), before.data(), hidden.data());
  for (std::int64_t at = 0; at < kBatch * kUnits; ++at) {
    const auto of = [&](const std::vector<float>& from, std::int64_t g) {
      return static_cast<double>(
          from[static_cast<std::size_t>((at / kUnits * 3 + g) * kUnits + at % kUnits)]);
    };
    const double update = sigmoid(of(sums, 0) + of(recurrent, 0));
    const double reset = sigmoid(of(sums, 1) + of(recurrent, 1));
    const double fresh = std::tanh(of(sums, 2) + reset * of(recurrent, 2));
    const auto i = static_cast<std::size_t>(at);
    EXPECT_NEAR(hidden[i], (1 - update) * fresh + update * static_cast<double>(before[i]), 1e-6);
  }
}

}  // namespace
}  // namespace tenbin::kernels

// SPDX-License-Identifier: Apache-2.0
#include "app/engine_choice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tenbin {
namespace {

TEST(EngineChoice, DifferencesAreRelativeAndLabelsMayDifferRarely) {
  const Tensor a = Tensor::of<float>({4}, {1, 2, 3, 4}),
               b = Tensor::of<float>({4}, {1, 2, 3, 4.04F});
  std::vector<std::int64_t> many(200, 1);
  const Tensor labels = Tensor::of<std::int64_t>({200}, std::span<const std::int64_t>(many));
  many[7] = 2;
  const Tensor one_off = Tensor::of<std::int64_t>({200}, std::span<const std::int64_t>(many));
  for (std::size_t i = 0; i < 50; ++i) many[i] = 3;
  const Tensor wrong = Tensor::of<std::int64_t>({200}, std::span<const std::int64_t>(many));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const struct {
    const char* why;
    std::vector<Tensor> left, right;
    std::optional<double> found;
  } rows[] = {
      {"equal", {a}, {a}, 0},
      {"one percent", {a}, {b}, 0.04 / 4.04},
      {"the worst of several", {a, a}, {a, b}, 0.04 / 4.04},
      {"one label of two hundred", {labels}, {one_off}, 0},
      {"a quarter of the labels", {labels}, {wrong}, 0.25},
      {"texts", {Tensor::strings({2}, {"a", "b"})}, {Tensor::strings({2}, {"a", "c"})}, 0.5},
      {"the same NaN", {Tensor::of<float>({1}, {nan})}, {Tensor::of<float>({1}, {nan})}, 0},
      {"a NaN that the other has not",
       {Tensor::of<float>({1}, {nan})},
       {Tensor::of<float>({1}, {1})},
       HUGE_VAL},
      {"another type", {a}, {labels}, std::nullopt},
      {"another count", {a}, {}, std::nullopt}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto found = largest_difference(row.left, row.right);
    ASSERT_EQ(found.has_value(), row.found.has_value());
    if (!found) continue;
    EXPECT_EQ(std::isinf(*found), std::isinf(*row.found));
    if (std::isfinite(*found)) {
      EXPECT_NEAR(*found, *row.found, 1e-6);
    }
  }
}

}  // namespace
}  // namespace tenbin

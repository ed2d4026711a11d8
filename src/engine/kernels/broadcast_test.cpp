// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/broadcast.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/kernels/test_floats.h"
#include "tensor/shape.h"

namespace tenbin::kernels {
namespace {

// Where element `at` of `dst` lies in an operand of shape `own`.
std::size_t place(std::int64_t at, const Shape& own, const Shape& dst) {
  std::int64_t from = 0, step = 1;
  for (std::size_t back = 0; back < dst.size(); ++back) {
    const std::int64_t index = at % dst[dst.size() - 1 - back];
    at /= dst[dst.size() - 1 - back];
    if (back >= own.size()) continue;
    const std::int64_t size = own[own.size() - 1 - back];
    if (size != 1) from += index * step;
    step *= size;
  }
  return static_cast<std::size_t>(from);
}

double value(Binary op, double a, double b) {
  switch (op) {
    case Binary::kAdd: return a + b;
    case Binary::kSubtract: return a - b;
    case Binary::kMultiply: return a * b;
    case Binary::kDivide: return a / b;
  }
  return 0;
}

// By central differences of the formula itself.
double slope(Binary op, double a, double b, bool by_a) {
  constexpr double kStep = 1e-6;
  const double up = by_a ? value(op, a + kStep, b) : value(op, a, b + kStep);
  const double down = by_a ? value(op, a - kStep, b) : value(op, a, b - kStep);
  return (up - down) / (2 * kStep);
}

TEST(Broadcast, AgreesWithTheRuleForwardsAndBackwards) {
  const struct {
    const char* why;
    Shape a, b, dst;
    int rank;
  } rows[] = {
      {"equal shapes are one row", {3, 4, 5}, {3, 4, 5}, {3, 4, 5}, 1},
      {"a bias", {6, 33}, {33}, {6, 33}, 2},
      {"weights of channels", {2, 3, 4, 5}, {2, 3, 1, 1}, {2, 3, 4, 5}, 2},
      {"means of the last axis", {2, 5, 1}, {2, 5, 17}, {2, 5, 17}, 2},
      {"one number", {4, 5}, {}, {4, 5}, 1},
      {"both repeated", {4, 1, 3}, {1, 5, 1}, {4, 5, 3}, 3},
      {"channels between", {2, 3, 7}, {3, 1}, {2, 3, 7}, 3},
      {"nothing but ones", {1, 1}, {1}, {1, 1}, 0},
      {"both the same number", {1}, {1}, {2, 3}, 1},
  };
  for (const auto& row : rows) {
    const Broadcast shape = broadcast_of(row.a, row.b, row.dst);
    EXPECT_EQ(shape.rank, row.rank) << row.why;
    const auto a = normal(count_of(row.a), 1), g = normal(count_of(row.dst), 3);
    auto b = normal(count_of(row.b), 2);
    for (float& x : b) x = x < 0 ? x - 1 : x + 1;  // a divisor away from zero
    for (const Binary op : {Binary::kAdd, Binary::kSubtract, Binary::kMultiply, Binary::kDivide}) {
      std::vector<float> dst(g.size()), diff_a(a.size(), 9.0F), diff_b(b.size(), 9.0F);
      broadcast(op, shape, a.data(), b.data(), dst.data());
      broadcast_gradient_a(op, shape, g.data(), b.data(), diff_a.data());
      broadcast_gradient_b(op, shape, g.data(), a.data(), b.data(), diff_b.data());
      std::vector<double> want_a(a.size()), want_b(b.size());
      for (std::size_t i = 0; i < dst.size(); ++i) {
        const std::size_t ia = place(static_cast<std::int64_t>(i), row.a, row.dst);
        const std::size_t ib = place(static_cast<std::int64_t>(i), row.b, row.dst);
        const double x = a[ia], y = b[ib], d = g[i];
        EXPECT_NEAR(dst[i], value(op, x, y), 1e-5) << row.why << " [" << i << "]";
        want_a[ia] += d * slope(op, x, y, true);
        want_b[ib] += d * slope(op, x, y, false);
      }
      for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_NEAR(diff_a[i], want_a[i], 1e-4) << row.why << " a[" << i << "]";
      }
      for (std::size_t i = 0; i < b.size(); ++i) {
        EXPECT_NEAR(diff_b[i], want_b[i], 1e-4) << row.why << " b[" << i << "]";
      }
    }
  }
}

}  // namespace
}  // namespace tenbin::kernels

// SPDX-License-Identifier: Apache-2.0
#include "engine/matmul.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(Matmul, PlansStacksAndVectors) {
  const OpCall call = op_call("MatMul", 2);
  const struct {
    const char* why;
    Shape a, b, expected;
    bool fits = true;
  } rows[] = {{"matrices", {2, 3}, {3, 4}, {2, 4}},
              {"a row", {3}, {3, 4}, {4}},
              {"a column", {2, 3}, {3}, {2}},
              {"a dot product", {3}, {3}, {}},
              {"stacks broadcast", {5, 1, 2, 3}, {7, 3, 4}, {5, 7, 2, 4}},
              {"inner sizes differ", {2, 3}, {2, 3}, {}, false},
              {"a scalar", {}, {2, 3}, {}, false},
              {"past the limits", {1 << 20, 1}, {1, 1 << 20}, {}, false}};
  for (const auto& r : rows) {
    const auto plan = plan_matmul(call, r.a, r.b);
    ASSERT_EQ(plan.ok(), r.fits) << r.why;
    if (!r.fits) continue;
    EXPECT_EQ(plan->shape, r.expected) << r.why;
  }
}

}  // namespace
}  // namespace tenbin

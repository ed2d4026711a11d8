// SPDX-License-Identifier: Apache-2.0
#include "engine/matmul.h"

namespace tenbin {

Result<MatmulPlan> plan_matmul(const OpCall& call, const Shape& a, const Shape& b) {
  const auto wrong = [&] { return bad_operands(call, to_text(a) + " by " + to_text(b)); };
  if (a.empty() || b.empty()) return wrong();
  const bool row = a.size() == 1, column = b.size() == 1;
  const Shape left = row ? Shape{1, a[0]} : a;
  const Shape right = column ? Shape{b[0], 1} : b;
  MatmulPlan plan;
  plan.m = left[left.size() - 2];
  plan.k = left.back();
  plan.n = right.back();
  if (right[right.size() - 2] != plan.k) return wrong();
  const Shape left_stack(left.begin(), left.end() - 2), right_stack(right.begin(), right.end() - 2);
  TENBIN_TRY(const BroadcastWalk w, broadcast_walk({&left_stack, &right_stack}));
  plan.shape = w.shape;
  if (!row) plan.shape.push_back(plan.m);
  if (!column) plan.shape.push_back(plan.n);
  TENBIN_TRY(const std::int64_t count, element_count(plan.shape));
  if (count == 0) return plan;
  walk(w, [&](std::int64_t, std::int64_t p, std::int64_t q) {
    plan.a.push_back(p * plan.m * plan.k);
    plan.b.push_back(q * plan.k * plan.n);
  });
  return plan;
}

}  // namespace tenbin

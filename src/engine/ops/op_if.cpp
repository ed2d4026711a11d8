// SPDX-License-Identifier: Apache-2.0
#include "engine/elementwise.h"

namespace tenbin {
namespace {

Result<std::vector<Value>> compute_values(const OpCall& call, OpValues inputs, Bodies& bodies) {
  const Tensor* condition = inputs.size() == 1 ? inputs[0].tensor : nullptr;
  if (condition == nullptr || condition->type() != ElementType::kBool || condition->count() != 1) {
    return bad_operands(call, "condition must be one bool");
  }
  const bool yes = condition->data<bool>()[0];
  return bodies.run(yes ? "then_branch" : "else_branch", {});
}

}  // namespace

const OpEntry& op_if() {
  static const OpEntry entry{.domain = "",
                             .ops = {"If"},
                             .doc = "One of two subgraphs.",
                             .compute_values = compute_values};
  return entry;
}

}  // namespace tenbin

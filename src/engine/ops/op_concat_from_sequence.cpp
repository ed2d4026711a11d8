// SPDX-License-Identifier: Apache-2.0
#include "engine/elementwise.h"
#include "engine/stack.h"

namespace tenbin {
namespace {

Result<std::vector<Value>> compute_values(const OpCall& call, OpValues inputs, Bodies&) {
  if (inputs.empty() || inputs[0].sequence == nullptr) {
    return bad_operands(call, "input must be a sequence");
  }
  if (call.find("axis") == nullptr) return bad_operands(call, "attribute axis is missing");
  TENBIN_TRY(Tensor out, join_tensors(inputs[0].sequence->items, call.integer("axis", 0),
                                      call.integer("new_axis", 0) != 0, "sequence"));
  return std::vector<Value>{Value(std::move(out))};
}

}  // namespace

const OpEntry& op_concat_from_sequence() {
  static const OpEntry entry{.domain = "",
                             .ops = {"ConcatFromSequence"},
                             .doc = "The tensors of a sequence as one.",
                             .compute_values = compute_values};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/elementwise.h"

namespace tenbin {
namespace {

// An optional that holds something is what it holds, so making and opening one copies it.
Result<std::vector<Value>> compute_values(const OpCall& call, OpValues inputs, Bodies&) {
  const bool given = !inputs.empty() && !inputs[0].nothing();
  if (call.op == "OptionalHasElement") {
    return std::vector<Value>{Value(Tensor::scalar<bool>(given))};
  }
  if (given) return std::vector<Value>{inputs[0].copy()};
  if (call.op == "OptionalGetElement") return bad_operands(call, "the optional is empty");
  return std::vector<Value>{Value()};
}

}  // namespace

const OpEntry& op_optional() {
  static const OpEntry entry{.domain = "",
                             .ops = {"Optional", "OptionalGetElement", "OptionalHasElement"},
                             .doc = "Values that may be nothing.",
                             .compute_values = compute_values};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/op_case.h"

namespace tenbin {

Result<std::vector<Tensor>> run_op(const OpCall& call, const std::vector<Tensor>& inputs) {
  const OpEntry* entry = find_op(call.domain, call.op);
  if (entry == nullptr) return Error(ErrorCode::kUnsupportedOp, "no operator '" + call.op + "'");
  std::vector<const Tensor*> pointers;
  for (const Tensor& input : inputs) pointers.push_back(input.defined() ? &input : nullptr);
  std::shared_ptr<const void> prepared;
  if (entry->prepare != nullptr) {
    TENBIN_TRY(prepared, entry->prepare(call));
  }
  return entry->compute(call, pointers, prepared.get());
}

}  // namespace tenbin

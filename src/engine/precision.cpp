// SPDX-License-Identifier: Apache-2.0
#include "engine/precision.h"

namespace tenbin {

std::string OptionText<Precision>::print(Precision precision) {
  return precision == Precision::kBfloat16 ? "bfloat16" : "float32";
}

Result<Precision> OptionText<Precision>::parse(std::string_view text) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    if (print(precision) == text) return precision;
  }
  return Error(ErrorCode::kBadValue,
               "unknown precision '" + std::string(text) + "': expected one of float32, bfloat16");
}

Status check_precision(Precision precision) {
  if (precision == Precision::kFloat32 || has_native_bfloat16()) return {};
  return Error(ErrorCode::kUnsupportedOp, "this processor has no bfloat16 arithmetic",
               "--precision", "use float32: emulated bfloat16 is slower and no more exact");
}

}  // namespace tenbin

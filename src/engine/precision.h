// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/options.h"
#include "base/result.h"

namespace tenbin {

// Of the numbers that layers exchange and multiply; sums and weights in training stay float32.
enum class Precision { kFloat32, kBfloat16 };

template <> struct OptionText<Precision> {
  static constexpr const char* kType = "precision";
  static std::string print(Precision precision);
  static Result<Precision> parse(std::string_view text);  // float32, bfloat16
};

// Whether the processor multiplies bfloat16 itself (AVX512_BF16). Without it kBfloat16 is refused.
bool has_native_bfloat16();
// Whether it sums products of 8-bit integers in 32 bits (VNNI). Without that pairs of them are cut
// to 16: plans multiply the floats of the grid there. (ONNX Runtime's integer kernels cut.)
bool has_exact_int8();
// Error kUnsupportedOp: kBfloat16 on a processor without it.
Status check_precision(Precision precision);

}  // namespace tenbin

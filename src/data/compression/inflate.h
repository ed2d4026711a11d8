// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tenbin {

// Whether the bytes begin as a gzip member.
bool is_gzip(std::string_view bytes);

// Decompresses gzip (all members), streaming against an output budget: at most `most` bytes and
// limits::kDecompressionRatio times the input. `cut_ok`: a stream that ends early gives what there
// is (for looking at the head of a file). Errors kMalformedData (damaged, cut), kTooLarge.
Result<std::string> inflate_gzip(std::string_view bytes, std::int64_t most, bool cut_ok = false);

}  // namespace tenbin

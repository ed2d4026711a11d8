// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tenbin {

// Whether the bytes begin as a Zstandard frame.
bool is_zstd(std::string_view bytes);

// Decompresses Zstandard (all frames) against an output budget, as inflate_gzip does: at most
// `most` bytes and limits::kDecompressionRatio times the input; windows up to 128 MB. `cut_ok`: a
// frame that ends early gives what there is. Errors kMalformedData (damaged, cut), kTooLarge.
Result<std::string> expand_zstd(std::string_view bytes, std::int64_t most, bool cut_ok = false);

}  // namespace tenbin

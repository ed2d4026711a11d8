// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/stop_question.h"

namespace tenbin {

class FileSystem;

// "gzip" or "zstd" if the bytes begin as such a member or frame, else empty.
std::string_view compression_of(std::string_view bytes);
bool is_compressed(std::string_view bytes);

struct ExpandOptions {
  std::int64_t most = 0;   // [B] of output
  bool cut_ok = false;     // what is cut, or more than `most`, gives what there is: a file's head
  StopQuestion may_go_on;  // asked for each piece
};

// Decompresses all members or frames; other bytes come back as they are. Errors: kMalformedData
// (damaged, cut), kTooLarge (more than `most`, or than limits::kDecompressionRatio times the input;
// a Zstandard window above 128 MB is damage), and that of `may_go_on`.
Result<std::string> expand_bytes(std::string_view bytes, const ExpandOptions& options);

// Hands the content of a file to `take` piece by piece, decompressed likewise, in constant memory;
// an error of `take` ends it. Errors: kUnreadableData, kMalformedData (damaged, or cut: what a
// reader that takes what it gets would lose silently), kTooLarge.
Status expand_file(FileSystem& files, const std::string& path,
                   const std::function<Status(std::string_view)>& take);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tenbin {

class FileSystem;

// Hands the content of a file to `take` piece by piece, decompressed if it is gzip or Zstandard,
// in constant memory; an error of `take` ends it. Errors: kUnreadableData, kMalformedData (damaged,
// or cut: what a reader that takes what it gets would lose silently), kTooLarge (more than
// limits::kDecompressionRatio times the file).
Status expand_file(FileSystem& files, const std::string& path,
                   const std::function<Status(std::string_view)>& take);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tenbin {

class FileSystem;

// A small file of the output folder that a resumed run may go on from: 8 bytes of `magic`, 64
// hexadecimal digits of the SHA-256 of `key` (which names rows and settings), 64 of that of the
// body, the body (docs/formats/checkpoint.md).
// Nothing when there is none, or it is damaged, or of another key: its work is then done again.
std::optional<std::string> read_keyed(FileSystem& files, const std::string& path,
                                      std::string_view magic, std::string_view key);
// Durable; replaces the file as a whole.
Status write_keyed(FileSystem& files, const std::string& path, std::string_view magic,
                   std::string_view key, std::string_view body);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "meter/kernel_text.h"

#include "platform/file_system.h"

namespace tenbin {

std::string kernel_text(FileSystem& files, const std::string& path) {
  constexpr std::size_t kChunk = 16'384, kMost = 4u << 20;
  const auto file = files.open(path);
  std::string text;
  if (!file.ok()) return text;
  for (std::size_t at = 0; at < kMost;) {
    text.resize(at + kChunk);
    const auto got = (*file)->read_at(static_cast<std::int64_t>(at),
                                      std::as_writable_bytes(std::span(text).subspan(at)));
    const std::size_t more = got.ok() ? *got : 0;
    text.resize(at + more);
    if (more == 0) break;
    at += more;
  }
  return text;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace tenbin {

// What came over a stream, in a file without a name: it can be read more than once and goes with
// this object, however the process ends.
class SpooledStream {
 public:
  // Reads `stream` (0: standard input) to its end into a file of `folder`'s file system. Errors:
  // kIo; kTooLarge above `most` bytes. `tell` (may be empty) hears the bytes read so far.
  static Result<SpooledStream> read(int stream, const std::string& folder, std::int64_t most,
                                    const std::function<void(std::int64_t)>& tell = {});

  SpooledStream(SpooledStream&& other) noexcept;
  SpooledStream& operator=(SpooledStream&&) = delete;
  ~SpooledStream();

  // Opens it for reading, from this process alone.
  const std::string& path() const { return path_; }
  std::int64_t size() const { return size_; }

 private:
  explicit SpooledStream(int file);
  int file_ = -1;
  std::string path_;
  std::int64_t size_ = 0;
};

// The path of the file that a standard stream was redirected from; nothing for a pipe, a terminal,
// or a file whose name is gone.
std::optional<std::string> file_behind(int stream);

// $TMPDIR, or /tmp.
std::string temporary_folder();

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "platform/standard_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "platform/plugin.h"

namespace tenbin {
namespace {

Error failed(const char* what, const std::string& where) {
  return Error(ErrorCode::kIo, std::string(what) + ": " + std::strerror(errno), where);
}

// All of `size` bytes, whatever a single call takes.
bool write_all(int file, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t done = ::write(file, bytes, size);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    bytes += done;
    size -= static_cast<std::size_t>(done);
  }
  return true;
}

}  // namespace

SpooledStream::SpooledStream(int file)
    : file_(file), path_("/proc/self/fd/" + std::to_string(file)) {}

SpooledStream::SpooledStream(SpooledStream&& other) noexcept
    : file_(std::exchange(other.file_, -1)), path_(std::move(other.path_)), size_(other.size_) {}

SpooledStream::~SpooledStream() {
  if (file_ >= 0) ::close(file_);
}

Result<SpooledStream> SpooledStream::read(int stream, const std::string& folder, std::int64_t most,
                                          const std::function<void(std::int64_t)>& tell) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return failed("cannot make a temporary file", folder);
  SpooledStream out(file);
  std::array<char, 1 << 16> bytes;
  for (;;) {
    const ssize_t got = ::read(stream, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("cannot read", "standard input");
    if (got == 0) return out;
    out.size_ += got;
    if (tell) tell(out.size_);
    if (out.size_ > most) {
      return Error(ErrorCode::kTooLarge,
                   "more than " + std::to_string(most) + " bytes, expected at most that",
                   "standard input");
    }
    if (!write_all(file, bytes.data(), static_cast<std::size_t>(got))) {
      return failed("cannot write a temporary file", folder);
    }
  }
}

std::optional<std::string> file_behind(int stream) {
  struct stat opened {
  }, named{};
  if (::fstat(stream, &opened) != 0 || !S_ISREG(opened.st_mode)) return {};
  std::array<char, 4'096> text;
  const std::string link = "/proc/self/fd/" + std::to_string(stream);
  const ssize_t size = ::readlink(link.c_str(), text.data(), text.size());
  if (size <= 0 || static_cast<std::size_t>(size) == text.size()) return {};
  std::string path(text.data(), static_cast<std::size_t>(size));
  // The name may be gone, or be another file's by now.
  const bool same = ::stat(path.c_str(), &named) == 0 && named.st_ino == opened.st_ino &&
                    named.st_dev == opened.st_dev;
  return same ? std::optional(std::move(path)) : std::nullopt;
}

std::string temporary_folder() {
  const std::string given = environment("TMPDIR");
  return given.empty() ? "/tmp" : given;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tenbin {

struct FileInfo {
  std::int64_t size = 0;  // [B]
  bool is_folder = false;
  bool is_link = false;          // the name itself is a symbolic link
  std::int64_t modified_ns = 0;  // wall clock, nanoseconds since 1970
};

// An open file for reading. Thread-compatible.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  virtual Result<std::int64_t> size() = 0;
  // Fills `into` from `offset` as far as the file reaches; returns the bytes read.
  virtual Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> into) = 0;
};

// An open file for writing at the end. sync() makes what was appended durable.
// After a failed sync the file is poisoned: every later call fails (kIo).
class AppendableFile {
 public:
  virtual ~AppendableFile() = default;
  virtual Status append(std::span<const std::byte> bytes) = 0;
  virtual Status sync() = 0;
};

// Holds an exclusive advisory lock until destroyed.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// The only door to files. Errors are kIo with the path in `where`, or kUnreadableData when a file
// that was named by the user does not exist. Thread-safe.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<FileInfo> info(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  // Names (not paths) inside a folder, sorted bytewise.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& path) = 0;
  // Opens a name that came from outside, under `folder`: no absolute path, no "..", no links on the
  // way, regular file, one hard link. Error kUnsafePath.
  virtual Result<std::unique_ptr<ReadableFile>> open_beneath(const std::string& folder,
                                                             const std::string& name) = 0;
  virtual Result<std::unique_ptr<AppendableFile>> create(const std::string& path) = 0;
  virtual Result<std::unique_ptr<AppendableFile>> open_append(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;
  virtual Status make_folders(const std::string& path) = 0;
  virtual Status sync_folder(const std::string& path) = 0;
  // Refuses at once (kLocked) when another process holds it. The lock file is never deleted.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;

  // Whole file; kTooLarge above `most` bytes.
  Result<std::string> read_text(const std::string& path, std::int64_t most);
  // All or nothing, also across a power cut: temporary file, sync, rename, sync of the folder.
  Status write_durable(const std::string& path, std::span<const std::byte> bytes);
  Status write_durable(const std::string& path, std::string_view text);
};

// The machine's files.
FileSystem& real_file_system();

// "a/b" from "a" and "b"; "b" alone when `folder` is empty.
std::string join_path(std::string_view folder, std::string_view name);
// "c.csv" of "a/b/c.csv"; the folder part "a/b" ("." if none); ".csv" in lower case.
std::string_view file_name(std::string_view path);
std::string folder_of(std::string_view path);
std::string extension_of(std::string_view path);

}  // namespace tenbin

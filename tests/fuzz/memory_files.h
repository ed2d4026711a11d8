// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>

#include "platform/file_system.h"

namespace tenbin {

// A folder of files in memory that can only be read: what a fuzz target feeds to a reader.
class MemoryFiles : public FileSystem {
 public:
  std::map<std::string, std::string> files;  // by path

  Result<FileInfo> info(const std::string& path) override {
    FileInfo out;
    const auto found = files.find(path);
    out.is_folder = found == files.end();
    if (!out.is_folder) out.size = static_cast<std::int64_t>(found->second.size());
    return out;
  }
  bool exists(const std::string& path) override { return files.contains(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::vector<std::string> out;
    for (const auto& [path, bytes] : files) {
      if (folder_of(path) == folder) out.emplace_back(file_name(path));
    }
    return out;
  }
  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    if (!exists(path)) return refused(path);
    return std::unique_ptr<ReadableFile>(std::make_unique<File>(files[path]));
  }
  Result<std::unique_ptr<ReadableFile>> open_beneath(const std::string& folder,
                                                     const std::string& name) override {
    return open(join_path(folder, name));
  }
  Result<std::unique_ptr<AppendableFile>> create(const std::string& path) override {
    return refused(path);
  }
  Result<std::unique_ptr<AppendableFile>> open_append(const std::string& path) override {
    return refused(path);
  }
  Status rename(const std::string& from, const std::string&) override { return refused(from); }
  Status remove(const std::string& path) override { return refused(path); }
  Status make_folders(const std::string& path) override { return refused(path); }
  Status sync_folder(const std::string& path) override { return refused(path); }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override { return refused(path); }

 private:
  class File : public ReadableFile {
   public:
    explicit File(const std::string& bytes) : bytes_(bytes) {}
    Result<std::int64_t> size() override { return static_cast<std::int64_t>(bytes_.size()); }
    Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> into) override {
      const auto at = std::min(static_cast<std::size_t>(offset), bytes_.size());
      const std::size_t got = std::min(into.size(), bytes_.size() - at);
      if (got > 0) std::memcpy(into.data(), bytes_.data() + at, got);
      return got;
    }

   private:
    const std::string& bytes_;
  };
  static Error refused(const std::string& path) {
    return Error(ErrorCode::kUnreadableData, "no such file", path);
  }
};

}  // namespace tenbin

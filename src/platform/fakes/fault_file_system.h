// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/file_system.h"

namespace tenbin {

// Another file system whose N-th call that writes fails: so that a test can fail each in turn until
// the whole operation was covered. Counts create, open_append, append, sync, rename, remove,
// make_folders, sync_folder and lock.
class FaultFileSystem : public FileSystem {
 public:
  enum class Kind { kError, kShortWrite };  // a short append leaves the first half, then fails
  struct Plan {
    int fail_at = 0;  // 1: the first call; 0: none
    Kind kind = Kind::kError;
    bool persistent = false;  // every later one fails too
  };
  // Borrows `real`.
  FaultFileSystem(FileSystem& real, Plan plan) : real_(real), plan_(plan) {}

  bool fired() const { return fired_; }
  int calls() const { return calls_; }

  Result<FileInfo> info(const std::string& path) override { return real_.info(path); }
  bool exists(const std::string& path) override { return real_.exists(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    return real_.list(folder);
  }
  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    return real_.open(path);
  }
  Result<std::unique_ptr<ReadableFile>> open_beneath(const std::string& folder,
                                                     const std::string& name) override {
    return real_.open_beneath(folder, name);
  }
  Result<std::unique_ptr<AppendableFile>> create(const std::string& path) override;
  Result<std::unique_ptr<AppendableFile>> open_append(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status make_folders(const std::string& path) override;
  Status sync_folder(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

 private:
  class File;
  bool fails();  // counts one call
  Status check(const char* what, const std::string& path);

  FileSystem& real_;
  Plan plan_;
  int calls_ = 0;
  bool fired_ = false;
};

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "platform/file_system.h"

namespace tenbin {

// A sensor tree in memory. Open files see what is set later, as those of a kernel do.
class FakeTree : public FileSystem {
 public:
  // Writes "<value>\n".
  void set(const std::string& path, std::int64_t value) {
    texts_[path] = std::to_string(value) + "\n";
  }
  void set_text(const std::string& path, const std::string& text) { texts_[path] = text; }
  void erase(const std::string& path) { texts_.erase(path); }
  void fail(const std::string& path, bool on) {
    on ? (void)failing_.insert(path) : (void)failing_.erase(path);
  }
  // A powercap zone with its usual files. range < 0: no such file.
  std::string zone(const std::string& folder, const std::string& name, std::int64_t energy_uj,
                   std::int64_t range_uj = 262'143'328'850);

  Result<FileInfo> info(const std::string& path) override;
  bool exists(const std::string& path) override { return texts_.count(path) != 0; }
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override;
  Result<std::unique_ptr<ReadableFile>> open_beneath(const std::string& folder,
                                                     const std::string& name) override {
    return open(join_path(folder, name));
  }
  Result<std::unique_ptr<AppendableFile>> create(const std::string& p) override { return no(p); }
  Result<std::unique_ptr<AppendableFile>> open_append(const std::string& p) override {
    return no(p);
  }
  Status rename(const std::string& p, const std::string&) override { return no(p); }
  Status remove(const std::string& p) override { return no(p); }
  Status make_folders(const std::string& p) override { return no(p); }
  Status sync_folder(const std::string& p) override { return no(p); }
  Result<std::unique_ptr<FileLock>> lock(const std::string& p) override { return no(p); }

  Result<std::size_t> read(const std::string& path, std::int64_t offset, std::span<std::byte> into);

 private:
  static Error no(const std::string& path) {
    return Error(ErrorCode::kIo, "the sensor tree is read-only", path);
  }
  std::map<std::string, std::string> texts_;
  std::set<std::string> failing_;
};

}  // namespace tenbin

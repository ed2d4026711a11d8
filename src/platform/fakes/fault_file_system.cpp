// SPDX-License-Identifier: Apache-2.0
#include "platform/fakes/fault_file_system.h"

namespace tenbin {

class FaultFileSystem::File : public AppendableFile {
 public:
  File(FaultFileSystem& owner, std::unique_ptr<AppendableFile> real, std::string path)
      : owner_(owner), real_(std::move(real)), path_(std::move(path)) {}

  Status append(std::span<const std::byte> bytes) override {
    Status fault = owner_.check("write", path_);
    if (fault.ok()) return real_->append(bytes);
    if (owner_.plan_.kind == Kind::kShortWrite) {
      TENBIN_CHECK(real_->append(bytes.first(bytes.size() / 2)));
    }
    return fault;
  }
  Status sync() override {
    TENBIN_CHECK(owner_.check("make durable", path_));
    return real_->sync();
  }

 private:
  FaultFileSystem& owner_;
  std::unique_ptr<AppendableFile> real_;
  std::string path_;
};

bool FaultFileSystem::fails() {
  ++calls_;
  const bool now =
      plan_.fail_at > 0 && (plan_.persistent ? calls_ >= plan_.fail_at : calls_ == plan_.fail_at);
  fired_ = fired_ || now;
  return now;
}

Status FaultFileSystem::check(const char* what, const std::string& path) {
  if (!fails()) return {};
  return Error(ErrorCode::kIo, std::string("cannot ") + what + ": fault of a test", path);
}

Result<std::unique_ptr<AppendableFile>> FaultFileSystem::create(const std::string& path) {
  TENBIN_CHECK(check("open for writing", path));
  TENBIN_TRY(auto file, real_.create(path));
  return std::unique_ptr<AppendableFile>(std::make_unique<File>(*this, std::move(file), path));
}

Result<std::unique_ptr<AppendableFile>> FaultFileSystem::open_append(const std::string& path) {
  TENBIN_CHECK(check("open for writing", path));
  TENBIN_TRY(auto file, real_.open_append(path));
  return std::unique_ptr<AppendableFile>(std::make_unique<File>(*this, std::move(file), path));
}

Status FaultFileSystem::rename(const std::string& from, const std::string& to) {
  TENBIN_CHECK(check("rename", from));
  return real_.rename(from, to);
}

Status FaultFileSystem::remove(const std::string& path) {
  TENBIN_CHECK(check("remove", path));
  return real_.remove(path);
}

Status FaultFileSystem::make_folders(const std::string& path) {
  TENBIN_CHECK(check("make folder", path));
  return real_.make_folders(path);
}

Status FaultFileSystem::sync_folder(const std::string& path) {
  TENBIN_CHECK(check("make durable", path));
  return real_.sync_folder(path);
}

Result<std::unique_ptr<FileLock>> FaultFileSystem::lock(const std::string& path) {
  TENBIN_CHECK(check("lock", path));
  return real_.lock(path);
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "platform/watched_files.h"

#include "base/units.h"

namespace tenbin {
namespace {

constexpr int kLinesOfAFolder = 8;

bool is_kernels(const std::string& path) {
  return (path.starts_with("/proc/") && !path.starts_with("/proc/self/fd/")) ||
         path.starts_with("/sys/");
}

std::string size_text(std::int64_t bytes) { return to_text(Bytes{bytes}); }

}  // namespace

class WatchedFiles::Reader : public ReadableFile {
 public:
  Reader(std::unique_ptr<ReadableFile> real, std::atomic<std::int64_t>& read)
      : real_(std::move(real)), read_(read) {}
  Result<std::int64_t> size() override { return real_->size(); }
  Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> into) override {
    auto got = real_->read_at(offset, into);
    if (got.ok()) read_ += static_cast<std::int64_t>(*got);
    return got;
  }

 private:
  std::unique_ptr<ReadableFile> real_;
  std::atomic<std::int64_t>& read_;
};

class WatchedFiles::Writer : public AppendableFile {
 public:
  Writer(std::unique_ptr<AppendableFile> real, WatchedFiles& owner, std::string path)
      : real_(std::move(real)), owner_(owner), path_(std::move(path)) {}
  ~Writer() override { owner_.written(path_, bytes_); }
  Status append(std::span<const std::byte> bytes) override {
    Status done = real_->append(bytes);
    if (done.ok()) bytes_ += static_cast<std::int64_t>(bytes.size());
    if (!done.ok()) owner_.failed("write", done.error());
    return done;
  }
  Status sync() override {
    Status done = real_->sync();
    if (!done.ok()) owner_.failed("make durable", done.error());
    return done;
  }

 private:
  std::unique_ptr<AppendableFile> real_;
  WatchedFiles& owner_;
  std::string path_;
  std::int64_t bytes_ = 0;
};

std::string WatchedFiles::totals() const {
  const std::lock_guard lock(mutex_);
  std::string text = std::to_string(seen_.size()) + " opened, " + size_text(read_) + " read; " +
                     std::to_string(files_written_) + " written, " + size_text(bytes_written_);
  if (!kernel_.empty()) text += "; " + std::to_string(kernel_.size()) + " of the kernel's";
  return text;
}

Result<std::vector<std::string>> WatchedFiles::list(const std::string& folder) {
  auto names = real_.list(folder);
  if (names.ok() && !is_kernels(folder + "/")) {
    tell_("looked into " + folder + ": " + std::to_string(names->size()) + " names");
  }
  return names;
}

Result<std::unique_ptr<ReadableFile>> WatchedFiles::open(const std::string& path) {
  return opened(path, real_.open(path));
}

Result<std::unique_ptr<ReadableFile>> WatchedFiles::open_beneath(const std::string& folder,
                                                                 const std::string& name) {
  return opened(join_path(folder, name), real_.open_beneath(folder, name));
}

Result<std::unique_ptr<ReadableFile>> WatchedFiles::opened(
    const std::string& path, Result<std::unique_ptr<ReadableFile>> file) {
  if (is_kernels(path)) {
    const std::lock_guard lock(mutex_);
    kernel_.insert(path);
    return file;
  }
  if (!file.ok()) {
    failed("open", file.error());
    return file;
  }
  int line = 0;
  {
    const std::lock_guard lock(mutex_);
    if (seen_.insert(path).second) line = ++told_[folder_of(path)];
  }
  if (line > 0 && line <= kLinesOfAFolder) {
    const auto size = (*file)->size();
    tell_("opened " + path + (size.ok() ? ", " + size_text(*size) : std::string()));
  } else if (line == kLinesOfAFolder + 1) {
    tell_("opened more of " + folder_of(path) + ", counted at the end");
  }
  return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(std::move(*file), read_));
}

Result<std::unique_ptr<AppendableFile>> WatchedFiles::create(const std::string& path) {
  return made(path, real_.create(path));
}

Result<std::unique_ptr<AppendableFile>> WatchedFiles::open_append(const std::string& path) {
  return made(path, real_.open_append(path));
}

Result<std::unique_ptr<AppendableFile>> WatchedFiles::made(
    const std::string& path, Result<std::unique_ptr<AppendableFile>> file) {
  if (!file.ok()) {
    failed("create", file.error());
    return file;
  }
  return std::unique_ptr<AppendableFile>(std::make_unique<Writer>(std::move(*file), *this, path));
}

// A temporary file is told of under the name that it gets.
void WatchedFiles::written(const std::string& path, std::int64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    bytes_written_ += bytes;
    if (path.ends_with(".part")) {
      parts_[path] = bytes;
      return;
    }
    ++files_written_;
  }
  tell_("wrote " + path + ", " + size_text(bytes));
}

Status WatchedFiles::rename(const std::string& from, const std::string& to) {
  Status done = real_.rename(from, to);
  if (!done.ok()) {
    failed("rename", done.error());
    return done;
  }
  std::int64_t bytes = -1;
  {
    const std::lock_guard lock(mutex_);
    if (const auto part = parts_.find(from); part != parts_.end()) {
      bytes = part->second;
      parts_.erase(part);
      ++files_written_;
    }
  }
  tell_(bytes >= 0 ? "wrote " + to + ", " + size_text(bytes) : "renamed " + from + " to " + to);
  return done;
}

Result<std::unique_ptr<FileLock>> WatchedFiles::lock(const std::string& path) {
  auto held = real_.lock(path);
  if (held.ok()) tell_("locked " + path);
  if (!held.ok()) failed("lock", held.error());
  return held;
}

void WatchedFiles::failed(const char* what, const Error& error) const {
  tell_(std::string("cannot ") + what + " " + error.where() + ": " + error.message());
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/limits.h"
#include "base/nearest_name.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

Error io_error(const std::string& what, const std::string& path, int number = errno) {
  return Error(ErrorCode::kIo, what + ": " + std::strerror(number), path);
}

// A file that was asked for and is not there, with its likeliest neighbours.
Error not_found(FileSystem& files, const std::string& path) {
  std::string hint = "check the path";
  if (auto names = files.list(folder_of(path)); names.ok()) {
    const auto near = nearest_names(file_name(path), *names);
    if (!near.empty()) hint = "in that folder: " + one_of(near).substr(16);
  }
  return Error(ErrorCode::kUnreadableData, "no such file or folder", path, hint);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

class RealReadable : public ReadableFile {
 public:
  RealReadable(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::int64_t> size() override {
    struct stat st {};
    if (::fstat(fd_.get(), &st) != 0) return io_error("cannot examine", path_);
    return static_cast<std::int64_t>(st.st_size);
  }

  Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = ::pread(fd_.get(), into.data() + done, into.size() - done,
                                  static_cast<off_t>(offset) + static_cast<off_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return io_error("cannot read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  Descriptor fd_;
  std::string path_;
};

class RealAppendable : public AppendableFile {
 public:
  RealAppendable(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Status append(std::span<const std::byte> bytes) override {
    if (poisoned_) return poisoned();
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t put = ::write(fd_.get(), bytes.data() + done, bytes.size() - done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return io_error("cannot write", path_);
      done += static_cast<std::size_t>(put);
    }
    return {};
  }

  Status sync() override {
    if (poisoned_) return poisoned();
    if (::fsync(fd_.get()) == 0) return {};
    poisoned_ = true;  // the kernel may have dropped the pages: a second sync would lie
    return io_error("cannot make durable", path_);
  }

 private:
  Error poisoned() const {
    return Error(ErrorCode::kIo, "an earlier sync of this file failed", path_);
  }
  Descriptor fd_;
  std::string path_;
  bool poisoned_ = false;
};

class RealLock : public FileLock {
 public:
  explicit RealLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;  // closing releases the lock
};

Error unsafe(const std::string& name, const char* why) {
  return Error(ErrorCode::kUnsafePath, "name '" + name + "' is refused: " + why);
}

Status check_name(const std::string& name) {
  if (name.empty()) return unsafe(name, "it is empty");
  if (name.size() > limits::kPathBytes)
    return unsafe(name.substr(0, 64).append("..."), "it is too long");
  if (name.find('\0') != std::string::npos) return unsafe("...", "it holds a NUL byte");
  if (name.find('\\') != std::string::npos) return unsafe(name, "it holds a backslash");
  if (name.front() == '/') return unsafe(name, "it is absolute");
  std::string_view rest = name;
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty()) return unsafe(name, "it has an empty part");
    if (part == "." || part == "..") return unsafe(name, "it has a part . or ..");
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

class RealFileSystem : public FileSystem {
 public:
  Result<FileInfo> info(const std::string& path) override {
    struct stat st {
    }, link{};
    if (::stat(path.c_str(), &st) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return not_found(*this, path);
      return io_error("cannot examine", path);
    }
    const bool is_link = ::lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode);
    return FileInfo{static_cast<std::int64_t>(st.st_size), S_ISDIR(st.st_mode), is_link,
                    st.st_mtim.tv_sec * 1'000'000'000 + st.st_mtim.tv_nsec};
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    DIR* dir = ::opendir(folder.c_str());
    if (dir == nullptr) return io_error("cannot list", folder);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(dir)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    ::closedir(dir);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override {
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
      if (errno == ENOENT || errno == ENOTDIR) return not_found(*this, path);
      return Error(ErrorCode::kUnreadableData,
                   std::string("cannot open for reading: ") + std::strerror(errno), path);
    }
    struct stat st {};
    if (::fstat(fd.get(), &st) == 0 && S_ISDIR(st.st_mode)) {
      return Error(ErrorCode::kUnreadableData, "found a folder, expected a file", path);
    }
    return std::unique_ptr<ReadableFile>(new RealReadable(std::move(fd), path));
  }

  Result<std::unique_ptr<ReadableFile>> open_beneath(const std::string& folder,
                                                     const std::string& name) override {
    TENBIN_CHECK(check_name(name));
    Descriptor at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!at) return io_error("cannot open folder", folder);
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    Descriptor fd(
        static_cast<int>(::syscall(SYS_openat2, at.get(), name.c_str(), &how, sizeof how)));
    const std::string path = join_path(folder, name);
    if (!fd) {
      if (errno == EXDEV) return unsafe(name, "it leaves its folder");
      if (errno == ELOOP) return unsafe(name, "it goes through a link");
      if (errno == ENOSYS) {
        return Error(ErrorCode::kMissingCapability, "the kernel lacks openat2 (Linux 5.6)", path);
      }
      if (errno == ENOENT) return not_found(*this, path);
      return io_error("cannot open for reading", path);
    }
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return io_error("cannot examine", path);
    if (!S_ISREG(st.st_mode)) return unsafe(name, "it is not a regular file");
    if (st.st_nlink != 1) return unsafe(name, "it has more than one hard link");
    return std::unique_ptr<ReadableFile>(new RealReadable(std::move(fd), path));
  }

  Result<std::unique_ptr<AppendableFile>> create(const std::string& path) override {
    return open_writing(path, O_TRUNC);
  }
  Result<std::unique_ptr<AppendableFile>> open_append(const std::string& path) override {
    return open_writing(path, O_APPEND);
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return {};
    return io_error("cannot rename to " + to, from);
  }

  Status remove(const std::string& path) override {
    if (::remove(path.c_str()) == 0 || errno == ENOENT) return {};
    return io_error("cannot remove", path);
  }

  Status make_folders(const std::string& path) override {
    for (std::size_t end = 1; end <= path.size(); ++end) {
      if (end < path.size() && path[end] != '/') continue;
      const std::string part = path.substr(0, end);
      if (::mkdir(part.c_str(), 0777) != 0 && errno != EEXIST) {
        return io_error("cannot make folder", part);
      }
    }
    struct stat st {};
    if (!path.empty() && ::stat(path.c_str(), &st) == 0 && !S_ISDIR(st.st_mode)) {
      return Error(ErrorCode::kIo, "found a file, expected a folder", path);
    }
    return {};
  }

  Status sync_folder(const std::string& path) override {
    Descriptor fd(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return io_error("cannot open folder", path);
    if (::fsync(fd.get()) != 0) return io_error("cannot make durable", path);
    return {};
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!fd) return io_error("cannot open lock", path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return io_error("cannot lock", path);
      return Error(ErrorCode::kLocked, "another process holds the lock", path,
                   "wait for it to end, or choose another folder with -o");
    }
    return std::unique_ptr<FileLock>(new RealLock(std::move(fd)));
  }

 private:
  Result<std::unique_ptr<AppendableFile>> open_writing(const std::string& path, int flag) {
    Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flag, 0666));
    if (!fd) return io_error("cannot open for writing", path);
    return std::unique_ptr<AppendableFile>(new RealAppendable(std::move(fd), path));
  }
};

}  // namespace

FileSystem& real_file_system() {
  static RealFileSystem files;
  return files;
}

}  // namespace tenbin

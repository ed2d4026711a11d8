// SPDX-License-Identifier: Apache-2.0
#include "platform/worker_process.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/sanitized.h"
#include "platform/clock.h"

extern char** environ;

namespace tenbin {
namespace {

constexpr std::uint64_t kMostFrame = std::uint64_t{4} << 30;
constexpr Duration kForItsEnd = 200ms;  // until the kernel tells how it ended

bool write_all(int descriptor, const char* bytes, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t sent = ::send(descriptor, bytes + done, size - done, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    done += static_cast<std::size_t>(sent);
  }
  return true;
}

bool write_frame(int descriptor, std::span<const std::string_view> pieces) {
  std::uint64_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  char head[sizeof size];
  std::memcpy(head, &size, sizeof size);
  if (!write_all(descriptor, head, sizeof head)) return false;
  for (const std::string_view piece : pieces) {
    if (!write_all(descriptor, piece.data(), piece.size())) return false;
  }
  return true;
}

// One child, waited for by its number: others of ours are others' business (Process follows whole
// trees, and takes in what was orphaned).
class RealWorker final : public WorkerProcess {
 public:
  RealWorker(int socket, pid_t pid) : socket_(socket), pid_(pid) {}
  ~RealWorker() override {
    ::close(socket_);  // it ends by itself at the end of its input
    if (wait_for_end()) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }

  int pid() const override { return pid_; }
  bool alive() override { return !look(); }

  Result<std::string> ask(std::span<const std::string_view> pieces, Duration patience) override {
    const Duration until = real_clock().steady_now() + patience;
    if (!write_frame(socket_, pieces)) return ended();
    std::uint64_t size = 0;
    char head[sizeof size];
    TENBIN_CHECK(read_all(head, sizeof head, until, patience));
    std::memcpy(&size, head, sizeof size);
    if (size > kMostFrame) return failed("answers with " + std::to_string(size) + " bytes");
    std::string out(static_cast<std::size_t>(size), '\0');
    TENBIN_CHECK(read_all(out.data(), out.size(), until, patience));
    return out;
  }

 private:
  static Error failed(const std::string& what) {
    return Error(ErrorCode::kCommandFailed, "the model's worker " + what);
  }

  // Its wait status, if it has ended.
  std::optional<int> look() {
    int status = 0;
    if (!end_ && ::waitpid(pid_, &status, WNOHANG) == pid_) end_ = status;
    return end_;
  }
  std::optional<int> wait_for_end() {
    const Duration until = real_clock().steady_now() + kForItsEnd;
    while (!look() && real_clock().steady_now() < until) {
      real_clock().wait_until(real_clock().steady_now() + 1ms);
    }
    return end_;
  }

  Error ended() {
    const auto status = wait_for_end();
    if (!status) return failed("closed its side");
    if (WIFSIGNALED(*status)) {
      return failed("was ended by signal " + std::to_string(WTERMSIG(*status)));
    }
    return failed("ended with exit code " + std::to_string(WEXITSTATUS(*status)));
  }

  Status read_all(char* into, std::size_t size, Duration until, Duration patience) {
    for (std::size_t done = 0; done < size;) {
      const Duration left = until - real_clock().steady_now();
      if (left <= Duration::zero()) return failed("was silent for " + to_text(patience));
      pollfd wanted{socket_, POLLIN, 0};
      if (::poll(&wanted, 1, static_cast<int>(in_milliseconds(left)) + 1) <= 0) continue;
      const ssize_t got = ::recv(socket_, into + done, size - done, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return ended();
      done += static_cast<std::size_t>(got);
    }
    return {};
  }

  int socket_;
  pid_t pid_;
  std::optional<int> end_;
};

// Starts the program with the socket as its input and output, in a group of its own: Ctrl-C is for
// its server.
int spawn(const std::vector<std::string>& argv, int socket, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, socket, 0);
  ::posix_spawn_file_actions_adddup2(&actions, socket, 1);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int failure = ::posix_spawn(&pid, words[0], &actions, &attributes, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  return failure;
}

}  // namespace

Result<std::unique_ptr<WorkerProcess>> start_worker(const std::vector<std::string>& words) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return Error(ErrorCode::kIo, std::string("no socket pair: ") + std::strerror(errno));
  }
  std::vector<std::string> argv = {"/proc/self/exe"};
  argv.insert(argv.end(), words.begin(), words.end());
  pid_t pid = 0;
  const int failure = spawn(argv, ends[1], pid);
  ::close(ends[1]);
  if (failure != 0) {
    ::close(ends[0]);
    return Error(ErrorCode::kCommandFailed,
                 std::string("cannot start a worker: ") + std::strerror(failure));
  }
  return std::unique_ptr<WorkerProcess>(new RealWorker(ends[0], pid));
}

std::string next_frame() {
  const auto read_all = [](char* into, std::size_t size) {
    for (std::size_t done = 0; done < size;) {
      const ssize_t got = ::read(0, into + done, size - done);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      done += static_cast<std::size_t>(got);
    }
    return true;
  };
  std::uint64_t size = 0;
  char head[sizeof size];
  if (!read_all(head, sizeof head)) return {};
  std::memcpy(&size, head, sizeof size);
  if (size > kMostFrame) return {};
  std::string frame(static_cast<std::size_t>(size), '\0');
  return read_all(frame.data(), frame.size()) ? frame : std::string();
}

bool send_frame(std::span<const std::string_view> pieces) { return write_frame(1, pieces); }

void limit_own_memory(std::int64_t bytes) {
#if !defined(TENBIN_SANITIZED)  // sanitizers reserve terabytes
  const rlimit limit{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
  [[maybe_unused]] const int set = ::setrlimit(RLIMIT_AS, &limit);
#else
  (void)bytes;
#endif
  const rlimit none{0, 0};  // what crashes needs no core file
  [[maybe_unused]] const int cores = ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace tenbin

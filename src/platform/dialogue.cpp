// SPDX-License-Identifier: Apache-2.0
#include "platform/dialogue.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "platform/affinity.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr std::size_t kLongestLine = 64u << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

class SocketDialogue final : public Dialogue {
 public:
  SocketDialogue(std::string name, Descriptor socket, std::unique_ptr<Process> process)
      : name_(std::move(name)), socket_(std::move(socket)), process_(std::move(process)) {}

  Process& process() override { return *process_; }

  Result<std::string> ask(const std::string& line, Duration patience) override {
    TENBIN_CHECK(send_all(line + "\n"));
    const Duration until = real_clock().steady_now() + patience;
    while (true) {
      const std::size_t end = unread_.find('\n');
      if (end != std::string::npos) {
        std::string answer = unread_.substr(0, end);
        unread_.erase(0, end + 1);
        return answer;
      }
      if (unread_.size() > kLongestLine) return failed("answered with an endless line");
      const Duration left = until - real_clock().steady_now();
      if (left <= Duration{}) return failed("gave no answer in " + to_text(patience));
      if (interrupted()) return Error(ErrorCode::kInterrupted, "interrupted by the user");
      TENBIN_CHECK(read_some(left));
    }
  }

 private:
  Error failed(const std::string& what) const {
    return Error(ErrorCode::kCommandFailed, "'" + name_ + "' " + what);
  }

  Status send_all(const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t sent =
          ::send(socket_.get(), text.data() + done, text.size() - done, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return failed(std::string("does not listen: ") + std::strerror(errno));
      done += static_cast<std::size_t>(sent);
    }
    return {};
  }

  Status read_some(Duration patience) {
    pollfd wanted{socket_.get(), POLLIN, 0};
    const auto milliseconds = static_cast<int>(in_milliseconds(patience)) + 1;
    if (::poll(&wanted, 1, milliseconds) <= 0) return {};  // the caller looks at the time
    char piece[65536];
    const ssize_t got = ::recv(socket_.get(), piece, sizeof piece, 0);
    if (got < 0 && errno == EINTR) return {};
    if (got <= 0) return failed("ended without an answer");
    unread_.append(piece, static_cast<std::size_t>(got));
    return {};
  }

  std::string name_;
  Descriptor socket_;
  std::unique_ptr<Process> process_;
  std::string unread_;
};

}  // namespace

Result<std::unique_ptr<Dialogue>> start_dialogue(const std::vector<std::string>& argv,
                                                 const DialogueOptions& options) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return Error(ErrorCode::kIo, std::string("no socket pair: ") + std::strerror(errno));
  }
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  ProcessOptions how;
  how.set_env = options.set_env;
  how.talk = theirs.get();
  // A child inherits the CPUs of the thread that starts it.
  const std::vector<int> before = thread_cpus();
  if (!options.cpus.empty()) TENBIN_CHECK(set_thread_cpus(options.cpus));
  auto process = real_processes().start(argv, how);
  if (!options.cpus.empty()) TENBIN_CHECK(set_thread_cpus(before));
  if (!process.ok()) return process.error();
  return std::unique_ptr<Dialogue>(
      new SocketDialogue(argv.front(), std::move(ours), std::move(*process)));
}

}  // namespace tenbin

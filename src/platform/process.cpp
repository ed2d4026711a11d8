// SPDX-License-Identifier: Apache-2.0
#include "platform/process.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "platform/clock.h"
#include "platform/process_tree.h"

extern char** environ;

namespace tenbin {
namespace {

constexpr std::size_t kMostOutput = 16u << 20;

std::string read_all(int fd) {
  std::string out;
  char piece[4096];
  off_t at = 0;
  while (out.size() < kMostOutput) {
    const ssize_t got = ::pread(fd, piece, sizeof piece, at);
    if (got <= 0) break;
    out.append(piece, static_cast<std::size_t>(got));
    at += got;
  }
  return out;
}

// The terminal belongs to one process group at a time; a program in another one is stopped when it
// reads. The command gets it for as long as it runs, as a shell would give it.
class Terminal {
 public:
  static bool ours() { return ::isatty(0) == 1 && ::tcgetpgrp(0) == ::getpgrp(); }
  static void give(pid_t group) {
    sigset_t set, before;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGTTOU);  // what asks for the terminal from outside is stopped by this
    ::pthread_sigmask(SIG_BLOCK, &set, &before);
    ::tcsetpgrp(0, group);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
};

class RealProcess : public Process {
 public:
  RealProcess(pid_t pid, int out, int err, bool terminal)
      : pid_(pid), out_(out), err_(err), terminal_(terminal), tree_(pid) {
    watched_ = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    guard_group(pid);
  }
  ~RealProcess() override {
    if (!end_) {
      (void)send(Signal::kKill).ok();
      (void)wait(1s).ok();
    }
    guard_group(0);
    for (const int fd : {out_, err_, watched_}) {
      if (fd >= 0) ::close(fd);
    }
  }

  int pid() const override { return pid_; }

  Result<std::optional<ProcessEnd>> poll() override {
    int status = 0;
    rusage usage{};
    const int stops = terminal_ ? WUNTRACED : 0;
    if (!end_ && ::wait4(pid_, &status, WNOHANG | stops, &usage) == pid_) {
      if (WIFSTOPPED(status)) {
        stop_with_it();
      } else {
        tree_.search();  // orphans that ended
        tree_.add_ended(usage);
        if (terminal_) Terminal::give(::getpgrp());
        end_.emplace();
        end_->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        end_->exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      }
    }
    if (end_) {
      end_->cpu_user = tree_.ended.user;
      end_->cpu_system = tree_.ended.system;
      end_->peak_rss = tree_.ended.peak_rss;
    }
    return end_;
  }

  Result<std::optional<ProcessEnd>> wait(Duration timeout) override {
    const Duration until = real_clock().steady_now() + timeout;
    while (true) {
      TENBIN_TRY(auto end, poll());
      const Duration now = real_clock().steady_now();
      if (end || now >= until) return end;
      const Duration left = watched_ >= 0 ? until - now : std::min<Duration>(until - now, 2ms);
      const timespec most{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
      pollfd what{watched_, POLLIN, 0};
      // A signal to us ends the wait: whoever waits has flags to look at.
      if (::ppoll(&what, watched_ >= 0 ? 1 : 0, &most, nullptr) < 0) return poll();
    }
  }

  Status send(Signal signal) override {
    static constexpr int kNumbers[] = {SIGINT, SIGTERM, SIGKILL, SIGSTOP, SIGCONT};
    const int number = kNumbers[static_cast<int>(signal)];
    const bool sent = ::kill(-pid_, number) == 0 || errno == ESRCH;
    const int failure = errno;
    tree_.signal_strays(number);
    if (sent) return {};
    return Error(ErrorCode::kCommandFailed,
                 std::string("cannot signal the command: ") + std::strerror(failure));
  }

  bool any_alive() override { return tree_.alive(); }
  std::vector<int> members() override { return tree_.members(); }
  Result<Duration> tree_cpu() override { return tree_.cpu(); }

  std::string output() override { return out_ < 0 ? std::string() : read_all(out_); }
  std::string errors() override { return err_ < 0 ? std::string() : read_all(err_); }

 private:
  // Ctrl-Z reached the command alone: we stop too, so that the shell comes back; and go on with it.
  void stop_with_it() {
    Terminal::give(::getpgrp());
    ::raise(SIGSTOP);
    if (Terminal::ours()) Terminal::give(pid_);
    ::kill(-pid_, SIGCONT);
  }

  pid_t pid_;
  int out_, err_;
  int watched_ = -1;  // readable when the command ends
  bool terminal_;
  ProcessTree tree_;
  std::optional<ProcessEnd> end_;
};

Error not_started(const std::string& command, int number) {
  const bool missing = number == ENOENT || number == ENOTDIR;
  return Error(missing ? ErrorCode::kCommandFailed : ErrorCode::kNotExecutable,
               "cannot start '" + command + "': " + std::strerror(number), {},
               missing ? "check the name, or give its path" : "chmod +x, or name its interpreter");
}

// What posix_spawn needs, freed together.
struct SpawnPlan {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t usual;  // what we ignore, the command must not
    ::sigemptyset(&usual);
    ::sigaddset(&usual, SIGPIPE);
    ::sigaddset(&usual, SIGXFSZ);
    ::posix_spawnattr_setsigdefault(&attributes, &usual);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
};

class RealProcesses : public ProcessRunner {
 public:
  Result<std::unique_ptr<Process>> start(const std::vector<std::string>& argv,
                                         const ProcessOptions& options) override {
    if (argv.empty()) return Error(ErrorCode::kMissingArgument, "no command to run");
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    SpawnPlan plan;
    int out = -1, err = -1;
    if (options.capture_output) {
      out = ::memfd_create("tenbin_out", MFD_CLOEXEC);
      err = ::memfd_create("tenbin_err", MFD_CLOEXEC);
      ::posix_spawn_file_actions_adddup2(&plan.actions, out, 1);
      ::posix_spawn_file_actions_adddup2(&plan.actions, err, 2);
    }
    if (options.talk >= 0) {
      ::posix_spawn_file_actions_adddup2(&plan.actions, options.talk, 0);
      ::posix_spawn_file_actions_adddup2(&plan.actions, options.talk, 1);
    }
    if (!options.folder.empty()) {
      ::posix_spawn_file_actions_addchdir_np(&plan.actions, options.folder.c_str());
    }
    std::vector<char*> arguments, variables;
    for (const auto& word : argv) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    for (const auto& word : options.set_env) variables.push_back(const_cast<char*>(word.c_str()));
    for (char** v = environ; *v != nullptr; ++v) variables.push_back(*v);
    variables.push_back(nullptr);
    const bool terminal = !options.capture_output && Terminal::ours();
    if (terminal) ::posix_spawn_file_actions_addtcsetpgrp_np(&plan.actions, 0);
    pid_t pid = 0;
    const int failure = ::posix_spawnp(&pid, arguments[0], &plan.actions, &plan.attributes,
                                       arguments.data(), variables.data());
    if (failure != 0) {
      if (out >= 0) ::close(out);
      if (err >= 0) ::close(err);
      return not_started(argv[0], failure);
    }
    return std::unique_ptr<Process>(new RealProcess(pid, out, err, terminal));
  }
};

}  // namespace

ProcessRunner& real_processes() {
  static RealProcesses processes;
  return processes;
}

}  // namespace tenbin

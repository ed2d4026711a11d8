// SPDX-License-Identifier: Apache-2.0
#include "platform/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "platform/clock.h"

extern char** environ;

namespace tenbin {
namespace {

constexpr std::size_t kMostOutput = 16u << 20;
constexpr Duration kPollEvery = 2ms;

Duration of(const timeval& t) { return Duration(t.tv_sec * 1'000'000'000 + t.tv_usec * 1'000); }

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

// Fields 5 (process group) and 14 to 17 (own and waited-for CPU time, in ticks) of /proc/PID/stat.
bool read_stat(const char* pid, pid_t& group, Duration& cpu) {
  const std::string path = std::string("/proc/") + pid + "/stat";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const std::string text = read_all(fd);
  ::close(fd);
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return false;
  long long parent = 0, pgrp = 0, times[4] = {};
  const int found =
      std::sscanf(text.c_str() + name_end + 1,
                  " %*c %lld %lld %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld", &parent,
                  &pgrp, times, times + 1, times + 2, times + 3);
  if (found != 6) return false;
  group = static_cast<pid_t>(pgrp);
  const auto tick = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
  cpu = Duration((times[0] + times[1] + times[2] + times[3]) * tick);
  return true;
}

class RealProcess : public Process {
 public:
  RealProcess(pid_t pid, int out, int err) : pid_(pid), out_(out), err_(err) {}
  ~RealProcess() override {
    if (!end_) {
      ::kill(-pid_, SIGKILL);
      (void)wait(1s).ok();
    }
    if (out_ >= 0) ::close(out_);
    if (err_ >= 0) ::close(err_);
  }

  int pid() const override { return pid_; }

  Result<std::optional<ProcessEnd>> poll() override {
    // Orphans of the command come to us (subreaper) and are told by their group.
    while (true) {
      int status = 0;
      rusage usage{};
      const pid_t who = ::wait4(-pid_, &status, WNOHANG, &usage);
      if (who <= 0) break;
      user_ += of(usage.ru_utime);
      system_ += of(usage.ru_stime);
      peak_ = std::max<std::int64_t>(peak_, usage.ru_maxrss * 1024);
      if (who == pid_) {
        end_.emplace();
        end_->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        end_->exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      }
    }
    if (end_) {
      end_->cpu_user = user_;
      end_->cpu_system = system_;
      end_->peak_rss = peak_;
    }
    return end_;
  }

  Result<std::optional<ProcessEnd>> wait(Duration timeout) override {
    const Duration until = real_clock().steady_now() + timeout;
    while (true) {
      TENBIN_TRY(auto end, poll());
      const Duration now = real_clock().steady_now();
      if (end || now >= until) return end;
      real_clock().wait_until(std::min(until, now + kPollEvery));
    }
  }

  Status send(Signal signal) override {
    static constexpr int kNumbers[] = {SIGINT, SIGTERM, SIGKILL, SIGSTOP, SIGCONT};
    if (::kill(-pid_, kNumbers[static_cast<int>(signal)]) == 0 || errno == ESRCH) return {};
    return Error(ErrorCode::kCommandFailed,
                 std::string("cannot signal the command: ") + std::strerror(errno));
  }

  Result<Duration> tree_cpu() override {
    (void)poll().ok();
    Duration sum = user_ + system_;
    DIR* dir = ::opendir("/proc");
    if (dir == nullptr) return sum;
    while (const dirent* entry = ::readdir(dir)) {
      if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
      pid_t group = 0;
      Duration cpu{};
      if (read_stat(entry->d_name, group, cpu) && group == pid_) sum += cpu;
    }
    ::closedir(dir);
    return sum;
  }

  std::string output() override { return out_ < 0 ? std::string() : read_all(out_); }
  std::string errors() override { return err_ < 0 ? std::string() : read_all(err_); }

 private:
  pid_t pid_;
  int out_, err_;
  std::optional<ProcessEnd> end_;
  Duration user_{}, system_{};
  std::int64_t peak_ = 0;
};

Error not_started(const std::string& command, int number) {
  return Error(ErrorCode::kCommandFailed,
               "cannot start '" + command + "': " + std::strerror(number), {},
               number == ENOENT ? "check the name, or give its path" : std::string());
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
    pid_t pid = 0;
    const int failure = ::posix_spawnp(&pid, arguments[0], &plan.actions, &plan.attributes,
                                       arguments.data(), variables.data());
    if (failure != 0) {
      if (out >= 0) ::close(out);
      if (err >= 0) ::close(err);
      return not_started(argv[0], failure);
    }
    return std::unique_ptr<Process>(new RealProcess(pid, out, err));
  }
};

}  // namespace

ProcessRunner& real_processes() {
  static RealProcesses processes;
  return processes;
}

}  // namespace tenbin

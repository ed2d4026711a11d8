// SPDX-License-Identifier: Apache-2.0
#include "platform/sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/sanitized.h"
#include "platform/plugin.h"

namespace tenbin {
namespace {

// Of Landlock's ABI 3 to 6, which the headers of Debian 12 do not know.
constexpr std::uint64_t kTruncate = 1 << 14, kDeviceIoctl = 1 << 15;
constexpr std::uint64_t kBindTcp = 1 << 0, kConnectTcp = 1 << 1;
constexpr std::uint64_t kAbstractSockets = 1 << 0, kSignals = 1 << 1;
struct Ruleset {
  std::uint64_t files = 0, net = 0, scope = 0;
};

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

long landlock_abi() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

// All that this ABI can forbid.
Ruleset everything(long abi) {
  Ruleset out;
  out.files = (1 << 13) - 1;
  if (abi >= 2) out.files |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) out.files |= kTruncate;
  if (abi >= 4) out.net = kBindTcp | kConnectTcp;
  if (abi >= 5) out.files |= kDeviceIoctl;
  if (abi >= 6) out.scope = kAbstractSockets | kSignals;
  return out;
}

std::size_t ruleset_bytes(long abi) {
  if (abi >= 6) return sizeof(Ruleset);
  return abi >= 4 ? offsetof(Ruleset, scope) : offsetof(Ruleset, net);
}

Error missing(const std::string& what) {
  return Error(ErrorCode::kMissingCapability, what + ": " + std::strerror(errno), "sandbox",
               "a kernel from 5.13 on has it, unless a container's own filter forbids it");
}

// A descriptor that is closed with its scope.
struct Held {
  int descriptor;
  ~Held() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

Status keep_to_files(const std::vector<std::string>& readable) {
  const long abi = landlock_abi();
  if (abi < 1) return missing("no Landlock");
  const Ruleset rules = everything(abi);
  const Held set{
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, ruleset_bytes(abi), 0))};
  if (set.descriptor < 0) return missing("Landlock makes no rules");
  for (const std::string& path : readable) {
    const Held beneath{::open(path.c_str(), O_PATH | O_CLOEXEC)};
    if (beneath.descriptor < 0) continue;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = kRead;
    rule.parent_fd = beneath.descriptor;
    const auto add = [&] {
      return ::syscall(SYS_landlock_add_rule, set.descriptor, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    };
    if (add() == 0) continue;
    rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;  // a file, not a folder
    if (add() != 0) return missing("Landlock does not take '" + path + "'");
  }
  if (::syscall(SYS_landlock_restrict_self, set.descriptor, 0) != 0) {
    return missing("Landlock cannot be applied");
  }
  return {};
}

// Calls that computing needs, whatever their arguments.
constexpr std::array kCalls = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_preadv, SYS_sendto, SYS_sendmsg,
    SYS_recvfrom, SYS_recvmsg, SYS_close, SYS_lseek, SYS_poll, SYS_ppoll, SYS_fcntl,
    // memory
    SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_brk, SYS_membarrier,
    SYS_get_mempolicy, SYS_mbind, SYS_mincore,
    // files, as far as Landlock lets them be opened
    SYS_open, SYS_openat, SYS_openat2, SYS_stat, SYS_fstat, SYS_lstat, SYS_newfstatat, SYS_statx,
    SYS_statfs, SYS_fstatfs, SYS_access, SYS_faccessat, SYS_faccessat2, SYS_readlink,
    SYS_readlinkat, SYS_getdents64, SYS_getcwd, SYS_fadvise64,
    // threads and their times
    SYS_futex, SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_getparam, SYS_sched_getscheduler,
    SYS_set_robust_list, SYS_rseq, SYS_gettid, SYS_getpid, SYS_exit, SYS_exit_group,
    SYS_restart_syscall, SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep,
    SYS_gettimeofday, SYS_time, SYS_times, SYS_getrusage, SYS_getcpu, SYS_getrandom, SYS_arch_prctl,
    SYS_set_tid_address,
    // signals to itself
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack,
    // facts
    SYS_uname, SYS_sysinfo, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getppid};

class FilterText {
 public:
  // Jumps are relative: `yes` and `no` count instructions that are skipped.
  void load(std::size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset), 0, 0);
  }
  void end(std::uint32_t action) { add(BPF_RET | BPF_K, action, 0, 0); }
  void if_equal(std::uint32_t value, std::uint32_t action) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    end(action);
  }
  void unless_equal(std::uint32_t value, std::uint32_t action) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    end(action);
  }
  // For a call, where `bits` of the low half of an argument are as `wanted`; else it is refused.
  void if_argument(std::uint32_t call, std::size_t argument, std::uint32_t bits,
                   std::uint32_t wanted) {
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 5);
    load(offsetof(seccomp_data, args) + 8 * argument);
    add(BPF_ALU | BPF_AND | BPF_K, bits, 0, 0);
    add(BPF_JMP | BPF_JEQ | BPF_K, wanted, 1, 0);
    end(kRefused);
    end(SECCOMP_RET_ALLOW);
  }
  sock_fprog program() { return {static_cast<unsigned short>(text_.size()), text_.data()}; }
  static constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;

 private:
  void add(int code, std::uint32_t k, std::uint8_t yes, std::uint8_t no) {
    text_.push_back({static_cast<std::uint16_t>(code), yes, no, k});
  }
  std::vector<sock_filter> text_;
};

Status keep_to_calls() {
  constexpr std::uint32_t kThread = CLONE_THREAD, kAll = 0xFFFFFFFF;
  constexpr std::uint32_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                        CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  FilterText text;
  text.load(offsetof(seccomp_data, arch));
  text.unless_equal(AUDIT_ARCH_X86_64, SECCOMP_RET_KILL_PROCESS);
  text.load(offsetof(seccomp_data, nr));
  for (const long call : kCalls) {
    text.if_equal(static_cast<std::uint32_t>(call), SECCOMP_RET_ALLOW);
  }
  // clone3 keeps its flags in memory, which a filter cannot read: the older call does instead.
  text.if_equal(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
  text.if_equal(SYS_ioctl, SECCOMP_RET_ERRNO | ENOTTY);
  text.if_argument(SYS_clone, 0, kThread | kNamespaces, kThread);
  text.if_argument(SYS_sched_setaffinity, 0, kAll, 0);  // of this thread
  text.if_argument(SYS_tgkill, 0, kAll, static_cast<std::uint32_t>(::getpid()));
  text.if_argument(SYS_prctl, 0, kAll, PR_SET_NAME);
  text.if_argument(SYS_prlimit64, 2, kAll, 0);  // to read them
  text.end(FilterText::kRefused);
  sock_fprog program = text.program();
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0) {
    return missing("no filter of system calls");
  }
  return {};
}

}  // namespace

Result<std::string> sandbox_here() {
#ifdef TENBIN_SANITIZED
  return Error(ErrorCode::kMissingCapability,
               "this build has a sanitizer, which needs more than a confined process has",
               "sandbox", "use a release build");
#else
  const long abi = landlock_abi();
  if (abi < 1) return missing("no Landlock");
  const std::uint32_t action = SECCOMP_RET_ERRNO;
  if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) {
    return missing("no filter of system calls");
  }
  return "Landlock (ABI " + std::to_string(abi) + ") and seccomp";
#endif
}

Status confine(const std::vector<std::string>& readable) {
  TENBIN_CHECK(sandbox_here());
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return missing("privileges cannot be given up");
  TENBIN_CHECK(keep_to_files(readable));
  return keep_to_calls();
}

std::vector<std::string> system_files_of_models() {
  return {"/usr/lib",         "/usr/local/lib",      "/lib",           "/lib64",
          "/etc/ld.so.cache", "/proc/self",          "/proc/cpuinfo",  "/proc/meminfo",
          "/proc/stat",       "/sys/devices/system", "/sys/fs/cgroup", "/dev/urandom",
          "/dev/null",        plugin_folder()};
}

}  // namespace tenbin

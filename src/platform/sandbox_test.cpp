// SPDX-License-Identifier: Apache-2.0
#include "platform/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>

#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

struct Action {
  const char* what;
  std::function<long()> tries;  // below 0 with errno: refused
};

long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
  return ::syscall(number, a, b, c, d, e);
}
long at(const char* text) { return reinterpret_cast<long>(text); }

// What no model has to do. `folder`: holds "mine", which may be read.
std::vector<Action> forbidden(const std::string& folder) {
  const auto open_at = [](const std::string& path, int how) {
    return [path, how]() -> long { return ::open(path.c_str(), how | O_CLOEXEC, 0600); };
  };
  return {
      {"read /etc/passwd", open_at("/etc/passwd", O_RDONLY)},
      {"read another's folder", open_at("/home", O_RDONLY)},
      {"read beside the folder", open_at(folder + "/../", O_RDONLY)},
      {"read what another process is", open_at("/proc/1/environ", O_RDONLY)},
      {"read a device", open_at("/dev/zero", O_RDONLY)},
      {"make a file", open_at(folder + "/new", O_WRONLY | O_CREAT)},
      {"write what may be read", open_at(folder + "/mine", O_RDWR)},
      {"cut what may be read", open_at(folder + "/mine", O_WRONLY | O_TRUNC)},
      {"make a file in /tmp", open_at("/tmp/tenbin_sandbox_probe", O_WRONLY | O_CREAT)},
      {"truncate", [folder] { return long{::truncate((folder + "/mine").c_str(), 0)}; }},
      {"make a folder", [folder] { return long{::mkdir((folder + "/d").c_str(), 0700)}; }},
      {"remove", [folder] { return long{::unlink((folder + "/mine").c_str())}; }},
      {"rename",
       [folder] {
         return long{std::rename((folder + "/mine").c_str(), (folder + "/yours").c_str())};
       }},
      {"link",
       [folder] { return long{::link((folder + "/mine").c_str(), (folder + "/l").c_str())}; }},
      {"link by name", [folder] { return long{::symlink("/etc", (folder + "/s").c_str())}; }},
      {"change a mode", [folder] { return long{::chmod((folder + "/mine").c_str(), 0777)}; }},
      {"change an owner", [folder] { return long{::chown((folder + "/mine").c_str(), 1, 1)}; }},
      {"make a pipe file", [folder] { return long{::mkfifo((folder + "/p").c_str(), 0600)}; }},
      {"an Internet socket", [] { return long{::socket(AF_INET, SOCK_STREAM, 0)}; }},
      {"a datagram socket", [] { return long{::socket(AF_INET6, SOCK_DGRAM, 0)}; }},
      {"a local socket", [] { return long{::socket(AF_UNIX, SOCK_STREAM, 0)}; }},
      {"a raw socket", [] { return long{::socket(AF_PACKET, SOCK_RAW, 0)}; }},
      {"a pair of sockets",
       [] {
         int pair[2];
         return long{::socketpair(AF_UNIX, SOCK_STREAM, 0, pair)};
       }},
      {"another program", [] { return call(SYS_execve, at("/bin/true")); }},
      {"another program by descriptor", [] { return call(SYS_execveat, 3, at("")); }},
      {"fork", [] { return call(SYS_clone, SIGCHLD); }},
      {"vfork", [] { return call(SYS_clone, SIGCHLD | CLONE_VM | CLONE_VFORK); }},
      {"a process by clone3", [] { return call(SYS_clone3); }},
      {"a thread of another network",
       [] { return call(SYS_clone, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_NEWNET); }},
      {"another's processors",
       [] {
         cpu_set_t all;
         CPU_ZERO(&all);
         CPU_SET(0, &all);
         return long{::sched_setaffinity(::getppid(), sizeof all, &all)};
       }},
      {"a new namespace", [] { return long{::unshare(CLONE_NEWUSER)}; }},
      {"another's namespace", [] { return call(SYS_setns, 0, 0); }},
      {"kill another", [] { return long{::kill(::getppid(), 0)}; }},
      {"kill another's thread", [] { return call(SYS_tgkill, ::getppid(), ::getppid(), 0); }},
      {"a descriptor of a process", [] { return call(SYS_pidfd_open, ::getppid(), 0); }},
      {"trace the parent", [] { return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr); }},
      {"be traced", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
      {"read another's memory", [] { return call(SYS_process_vm_readv, ::getppid()); }},
      {"write another's memory", [] { return call(SYS_process_vm_writev, ::getppid()); }},
      {"mount", [] { return long{::mount("none", "/mnt", "tmpfs", 0, nullptr)}; }},
      {"unmount", [] { return long{::umount("/mnt")}; }},
      {"another root", [] { return long{::chroot("/tmp")}; }},
      {"a program in the kernel", [] { return call(SYS_bpf); }},
      {"performance counters", [] { return call(SYS_perf_event_open); }},
      {"keys", [] { return call(SYS_keyctl); }},
      {"faults of pages", [] { return call(SYS_userfaultfd); }},
      {"io_uring", [] { return call(SYS_io_uring_setup, 1); }},
      {"a module", [] { return call(SYS_finit_module, 0, at(""), 0); }},
      {"another kernel", [] { return call(SYS_kexec_load); }},
      {"the machine's name", [] { return long{::sethostname("x", 1)}; }},
      {"its clock", [] { return call(SYS_clock_settime, CLOCK_REALTIME); }},
      {"another user", [] { return long{::setuid(1)}; }},
      {"more of a limit",
       [] {
         const rlimit most{RLIM_INFINITY, RLIM_INFINITY};
         return long{::setrlimit(RLIMIT_CORE, &most)};
       }},
      {"a file in memory", [] { return long{::memfd_create("x", 0)}; }},
      {"another personality", [] { return call(SYS_personality, 0x0040000); }},
      {"kernel messages", [] { return call(SYS_syslog, 3); }},
      {"a terminal's input", [] { return call(SYS_ioctl, 0, 0x5412, at("x")); }},
      {"to be dumped", [] { return long{::prctl(PR_SET_DUMPABLE, 1)}; }},
  };
}

void* one(void* number) {
  *static_cast<int*>(number) += 1;
  return nullptr;
}

// In a process of its own: 0, or the number of what went wrong, with its name on stderr.
int probe(const std::string& folder) {
  if (const Status confined = confine({folder, "/proc/self"}); !confined.ok()) {
    std::fprintf(stderr, "not confined: %s\n", confined.error().to_string().c_str());
    return 100;
  }
  int wrong = 0;
  for (const Action& action : forbidden(folder)) {
    errno = 0;
    const long got = action.tries();
    const bool refused = got < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS ||
                                     errno == ENOTTY || errno == EXDEV);
    if (refused) continue;
    std::fprintf(stderr, "not refused: %s (%ld, %s)\n", action.what, got, std::strerror(errno));
    ++wrong;
  }
  const auto can = [&wrong](const char* what, bool done) {
    if (done) return;
    std::fprintf(stderr, "cannot: %s (%s)\n", what, std::strerror(errno));
    ++wrong;
  };
  can("read what may be read", real_file_system().read_text(folder + "/mine", 100).ok());
  int number = 1;
  pthread_t thread{};
  can("make a thread", ::pthread_create(&thread, nullptr, one, &number) == 0 &&
                           ::pthread_join(thread, nullptr) == 0 && number == 2);
  void* code = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  can("take memory", code != MAP_FAILED);
  can("make code", ::mprotect(code, 4096, PROT_READ | PROT_EXEC) == 0);
  can("wait", ::usleep(1000) == 0);
  return wrong;
}

TEST(Sandbox, RefusesAllThatComputingDoesNotNeed) {
  if (const auto here = sandbox_here(); !here.ok()) GTEST_SKIP() << here.error().message();
  const TestFolder folder;
  ASSERT_TRUE(real_file_system().write_durable(folder / "mine", std::string("a")).ok());
  EXPECT_GE(forbidden(folder.path()).size(), 40u);
  EXPECT_EXIT(::_exit(probe(folder.path())), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(real_file_system().read_text(folder / "mine", 10).value(), "a");
}

}  // namespace
}  // namespace tenbin

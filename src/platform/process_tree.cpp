// SPDX-License-Identifier: Apache-2.0
#include "platform/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string>

#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr Duration kSearchAtMostEvery = 500ms;
constexpr int kSearchShare = 5000;  // a search of 1 ms is done every 5 s

Duration of(const timeval& t) { return Duration(t.tv_sec * 1'000'000'000 + t.tv_usec * 1'000); }

struct Stat {
  char state = 'X';
  long long parent = 0, group = 0;
  Duration cpu{};
};

// Fields 3 to 5 and 14 to 17 (own and waited-for CPU time, in ticks) of /proc/PID/stat.
bool read_stat(int fd, Stat& out) {
  std::array<char, 1024> text;
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  if (got <= 0) return false;
  const std::string_view all(text.data(), static_cast<std::size_t>(got));
  const std::size_t name_end = all.rfind(')');
  if (name_end == all.npos) return false;
  std::string_view rest = all.substr(name_end + 1);
  if (rest.size() < 2) return false;
  out.state = rest[1];
  rest.remove_prefix(2);
  std::array<long long, 14> fields{};  // from the fourth on, a blank before each
  for (long long& field : fields) {
    if (!rest.starts_with(' ')) return false;
    const auto [end, failure] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), field);
    if (failure != std::errc()) return false;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  }
  out.parent = fields[0];
  out.group = fields[1];
  static const auto tick = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
  out.cpu = Duration((fields[10] + fields[11] + fields[12] + fields[13]) * tick);
  return true;
}

// Appends the children of one thread.
void read_children(const std::string& path, std::vector<pid_t>& out) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  std::string text;
  std::array<char, 4096> piece;
  for (ssize_t got; (got = ::read(fd, piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  for (const char* at = text.data(); *at != '\0';) {
    int pid = 0;
    const auto end = std::from_chars(at, text.data() + text.size(), pid);
    if (end.ec == std::errc() && pid > 0) out.push_back(pid);
    at = end.ptr;
    while (*at != '\0' && (*at < '0' || *at > '9')) ++at;
  }
}

// Children of all threads of a process.
std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> out;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  DIR* dir = ::opendir(tasks.c_str());
  if (dir == nullptr) return out;
  while (const dirent* entry = ::readdir(dir)) {
    if (entry->d_name[0] == '.') continue;
    read_children(tasks + "/" + entry->d_name + "/children", out);
  }
  ::closedir(dir);
  return out;
}

// Roots of all trees: a child of ours that is none of them is an orphan. Trees are made and
// searched by one thread.
std::vector<pid_t>& roots() {
  static thread_local std::vector<pid_t> all;
  return all;
}

}  // namespace

ProcessTree::ProcessTree(pid_t root) : root_(root) {
  roots().push_back(root);
  adopt(root);
}

ProcessTree::~ProcessTree() {
  std::erase(roots(), root_);
  for (const Member& member : members_) ::close(member.stat);
}

void ProcessTree::add_ended(const rusage& usage) {
  ended.user += of(usage.ru_utime);
  ended.system += of(usage.ru_stime);
  ended.peak_rss = std::max<std::int64_t>(ended.peak_rss, usage.ru_maxrss * 1024);
}

bool ProcessTree::known(pid_t pid) const {
  return std::any_of(members_.begin(), members_.end(),
                     [pid](const Member& member) { return member.pid == pid; });
}

void ProcessTree::adopt(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) members_.push_back({pid, fd});
}

// Orphans of this tree: known before, of its group, or, when there is one tree only, any.
void ProcessTree::add_orphans() {
  for (const pid_t pid : children_of(::getpid())) {
    const auto& all = roots();
    if (std::find(all.begin(), all.end(), pid) != all.end()) continue;
    if (!known(pid) && all.size() > 1 && ::getpgid(pid) != root_) continue;
    int status = 0;
    rusage usage{};
    if (::wait4(pid, &status, WNOHANG, &usage) == pid) {
      add_ended(usage);
    } else if (!known(pid)) {
      adopt(pid);
    }
  }
}

void ProcessTree::search() {
  const Duration began = real_clock().steady_now();
  add_orphans();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    for (const pid_t child : children_of(members_[i].pid)) {
      if (!known(child)) adopt(child);
    }
  }
  std::vector<Member> living;
  for (const Member& member : members_) {
    Stat stat;
    if (read_stat(member.stat, stat) && stat.state != 'X') {
      living.push_back(member);
    } else {
      ::close(member.stat);
    }
  }
  members_ = std::move(living);
  const Duration now = real_clock().steady_now();
  next_search_ = now + std::max(kSearchAtMostEvery, (now - began) * kSearchShare);
}

Duration ProcessTree::cpu() {
  if (real_clock().steady_now() >= next_search_) search();
  Duration sum = ended.user + ended.system;
  for (const Member& member : members_) {
    Stat stat;
    if (read_stat(member.stat, stat)) sum += stat.cpu;
  }
  return sum;
}

std::vector<pid_t> ProcessTree::members() const {
  std::vector<pid_t> out;
  for (const Member& member : members_) out.push_back(member.pid);
  return out;
}

bool ProcessTree::alive() {
  search();
  const bool any = std::any_of(members_.begin(), members_.end(), [](const Member& member) {
    Stat stat;
    return read_stat(member.stat, stat) && stat.state != 'Z' && stat.state != 'X';
  });
  if (!any) add_orphans();  // one that ended since it was searched for is counted too
  return any;
}

void ProcessTree::signal_strays(int number) {
  search();
  for (const Member& member : members_) {
    Stat stat;
    if (read_stat(member.stat, stat) && stat.group != root_) ::kill(member.pid, number);
  }
}

}  // namespace tenbin

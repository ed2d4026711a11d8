// SPDX-License-Identifier: Apache-2.0
#include "platform/machine.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <utility>

#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::int64_t kProcBytes = 4 << 20;

// Files of /proc and /sys report size 0: read in pieces until nothing comes.
std::string read_proc(FileSystem& files, const std::string& path) {
  auto file = files.open(path);
  if (!file.ok()) return {};
  std::string text;
  std::array<char, 4096> piece{};
  while (static_cast<std::int64_t>(text.size()) < kProcBytes) {
    const auto got = (*file)->read_at(static_cast<std::int64_t>(text.size()),
                                      std::as_writable_bytes(std::span(piece)));
    if (!got.ok() || *got == 0) break;
    text.append(piece.data(), *got);
  }
  return text;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// The text after "name<spaces>:" of the first such line.
std::string field(const std::string& text, const std::string& name, char mark = ':') {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t colon = line.find(mark);
    if (colon == std::string::npos || !line.starts_with(name)) continue;
    if (trimmed(line.substr(0, colon)).find_last_not_of("\t ") + 1 != name.size()) continue;
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? std::string() : trimmed(line.substr(begin));
  }
  return {};
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

struct Cgroup {
  std::string v2;  // path of the unified hierarchy
  std::string cpu_v1, memory_v1;
};

Cgroup read_cgroup(const std::string& text) {
  Cgroup out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (names == ",,") out.v2 = path;
    if (names.find(",cpu,") != std::string::npos) out.cpu_v1 = path;
    if (names.find(",memory,") != std::string::npos) out.memory_v1 = path;
  }
  return out;
}

// Calls `visit` with the folder of a control group and of each of its parents up to the mount.
void each_level(const std::string& mount, std::string path,
                const std::function<void(const std::string&)>& visit) {
  while (true) {
    visit(mount + (path == "/" ? "" : path));
    if (path.empty() || path == "/") return;
    const std::size_t slash = path.rfind('/');
    path = slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
  }
}

void take_smaller(std::optional<double>& quota, double value) {
  if (value > 0 && (!quota || value < *quota)) quota = value;
}

void read_quota(FileSystem& files, const std::string& root, const Cgroup& group,
                MachineFacts& facts) {
  each_level(root + "/sys/fs/cgroup", group.v2, [&](const std::string& folder) {
    const std::string text = read_proc(files, folder + "/cpu.max");  // "100000 100000" or "max ..."
    const auto quota = number(text);
    const std::size_t space = text.find(' ');
    if (quota && space != std::string::npos) {
      const auto period = number(text.substr(space + 1));
      if (period && *period > 0) {
        take_smaller(facts.cpu_quota, static_cast<double>(*quota) / static_cast<double>(*period));
      }
    }
    const auto memory = number(read_proc(files, folder + "/memory.max"));
    if (memory && *memory > 0) facts.memory = std::min(facts.memory, Bytes{*memory});
  });
  each_level(root + "/sys/fs/cgroup/cpu", group.cpu_v1, [&](const std::string& folder) {
    const auto quota = number(read_proc(files, folder + "/cpu.cfs_quota_us"));
    const auto period = number(read_proc(files, folder + "/cpu.cfs_period_us"));
    if (quota && period && *quota > 0 && *period > 0) {
      take_smaller(facts.cpu_quota, static_cast<double>(*quota) / static_cast<double>(*period));
    }
  });
  each_level(root + "/sys/fs/cgroup/memory", group.memory_v1, [&](const std::string& folder) {
    const auto memory = number(read_proc(files, folder + "/memory.limit_in_bytes"));
    if (memory && *memory > 0) facts.memory = std::min(facts.memory, Bytes{*memory});
  });
}

std::vector<std::string> read_isa(const std::string& flags) {
  static constexpr std::array kNames = {
      "sse4_2",      "avx",         "avx2",     "fma",      "avx512f", "avx512bw", "avx512vnni",
      "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "asimd",   "sve"};
  std::vector<std::string> out;
  const std::string padded = " " + flags + " ";
  for (const char* name : kNames) {
    if (padded.find(" " + std::string(name) + " ") != std::string::npos) out.emplace_back(name);
  }
  return out;
}

int affinity_size() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace

bool MachineFacts::has_isa(const std::string& name) const {
  return std::find(isa.begin(), isa.end(), name) != isa.end();
}

MachineFacts read_machine_facts(FileSystem& files, const std::string& root, int affinity) {
  MachineFacts facts;
  const std::string cpu = read_proc(files, root + "/proc/cpuinfo");
  facts.cpu_model = field(cpu, "model name");
  std::string flags = field(cpu, "flags");
  if (flags.empty()) flags = field(cpu, "Features");
  facts.isa = read_isa(flags);
  facts.in_vm = (" " + flags + " ").find(" hypervisor ") != std::string::npos;
  int processors = 0;
  for (std::size_t at = 0; (at = cpu.find("processor", at)) != std::string::npos; at += 9) {
    processors += at == 0 || cpu[at - 1] == '\n' ? 1 : 0;
  }
  facts.logical_cpus = std::max(1, processors);
  facts.usable_cpus = affinity > 0 ? affinity : affinity_size();
  const auto total = number(field(read_proc(files, root + "/proc/meminfo"), "MemTotal"));
  facts.memory = Bytes{total.value_or(0) * 1024};
  read_quota(files, root, read_cgroup(read_proc(files, root + "/proc/self/cgroup")), facts);
  facts.threads = facts.usable_cpus;
  if (facts.cpu_quota) {
    facts.threads = std::min(facts.threads, static_cast<int>(std::ceil(*facts.cpu_quota)));
  }
  facts.threads = std::max(1, facts.threads);
  utsname name{};
  if (::uname(&name) == 0) {
    facts.kernel = name.release;
    facts.host = name.nodename;
  }
  facts.os = field(read_proc(files, root + "/etc/os-release"), "PRETTY_NAME", '=');
  std::erase(facts.os, '"');
  facts.governor =
      trimmed(read_proc(files, root + "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
  facts.in_container =
      files.exists(root + "/.dockerenv") || files.exists(root + "/run/.containerenv");
  return facts;
}

}  // namespace tenbin

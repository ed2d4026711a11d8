// SPDX-License-Identifier: Apache-2.0
#include "platform/net/listening_process.h"

#include <dirent.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <set>
#include <vector>

#include "platform/file_system.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostText = 64u << 20;

// A file of the kernel says that it holds nothing, so it is read to its end.
std::string kernel_text(const std::string& path) {
  std::string out;
  auto file = real_file_system().open(path);
  if (!file.ok()) return out;
  std::array<std::byte, 16384> piece{};
  while (out.size() < kMostText) {
    const auto got = (*file)->read_at(static_cast<std::int64_t>(out.size()), piece);
    if (!got.ok() || *got == 0) break;
    out.append(reinterpret_cast<const char*>(piece.data()), *got);
  }
  return out;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out;
  for (std::size_t at = 0; (at = line.find_first_not_of(' ', at)) != line.npos;) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    out.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return out;
}

// Inodes of the sockets that listen (state 0A) at the port, from a table of /proc/net.
void add_inodes(const std::string& table, int port, std::set<std::string>& inodes) {
  const std::string text = kernel_text(table);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::vector<std::string> words = words_of(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.size(), end + 1));
    if (words.size() < 10 || words[3] != "0A") continue;
    const std::size_t colon = words[1].rfind(':');
    int found = 0;
    std::from_chars(words[1].data() + colon + 1, words[1].data() + words[1].size(), found, 16);
    if (found == port) inodes.insert("socket:[" + words[9] + "]");
  }
}

bool holds_any(const std::string& folder, const std::set<std::string>& inodes) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return false;
  while (const dirent* entry = ::readdir(open.get())) {
    std::array<char, 64> target{};
    const std::string link = folder + "/" + entry->d_name;
    const auto size = ::readlink(link.c_str(), target.data(), target.size() - 1);
    if (size > 0 && inodes.contains(std::string(target.data(), static_cast<std::size_t>(size)))) {
      return true;
    }
  }
  return false;
}

std::optional<ProcessUse> use_of_one(int pid, const std::string& proc) {
  const std::string folder = proc + "/" + std::to_string(pid);
  const std::string stat = kernel_text(folder + "/stat");
  const std::string statm = kernel_text(folder + "/statm");
  if (stat.empty() || statm.empty()) return std::nullopt;
  // The name of the program may hold anything; the fields follow its closing bracket.
  const std::vector<std::string> fields =
      words_of(std::string_view(stat).substr(stat.rfind(')') + 1));
  const std::vector<std::string> pages = words_of(statm);
  if (fields.size() < 15 || pages.size() < 2) return std::nullopt;
  const auto number = [](const std::string& text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  // Its own, and that of the children that it waited for.
  double ticks = 0;
  for (std::size_t field = 11; field <= 14; ++field) {
    ticks += static_cast<double>(number(fields[field]));
  }
  return ProcessUse{seconds(ticks / static_cast<double>(::sysconf(_SC_CLK_TCK))),
                    number(pages[1]) * ::sysconf(_SC_PAGESIZE)};
}

// A process lists its children by the thread that made them.
std::vector<int> children_of(int pid, const std::string& proc) {
  std::vector<int> out;
  const std::string folder = proc + "/" + std::to_string(pid) + "/task";
  const auto threads = real_file_system().list(folder);
  if (!threads.ok()) return out;
  for (const std::string& thread : *threads) {
    for (const std::string& word : words_of(kernel_text(folder + "/" + thread + "/children"))) {
      int child = 0;
      std::from_chars(word.data(), word.data() + word.size(), child);
      if (child > 0) out.push_back(child);
    }
  }
  return out;
}

}  // namespace

std::optional<int> process_listening_at(int port, const std::string& proc) {
  std::set<std::string> inodes;
  add_inodes(proc + "/net/tcp", port, inodes);
  add_inodes(proc + "/net/tcp6", port, inodes);
  if (inodes.empty()) return std::nullopt;
  const auto names = real_file_system().list(proc);
  if (!names.ok()) return std::nullopt;
  for (const std::string& name : *names) {
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    if (holds_any(proc + "/" + name + "/fd", inodes)) return pid;
  }
  return std::nullopt;
}

std::optional<ProcessUse> use_of_process(int pid, const std::string& proc) {
  auto use = use_of_one(pid, proc);
  if (!use) return use;
  for (const int child : children_of(pid, proc)) {
    const auto part = use_of_process(child, proc);
    if (!part) continue;  // it has just ended
    use->cpu += part->cpu;
    use->memory += part->memory;
  }
  return use;
}

}  // namespace tenbin

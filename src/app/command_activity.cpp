// SPDX-License-Identifier: Apache-2.0
#include "app/command_activity.h"

#include <algorithm>
#include <array>

#include "meter/kernel_text.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/process.h"

namespace tenbin {
namespace {

constexpr Duration kSearchEvery = 1s;      // for new descendants
constexpr Duration kMemoryEvery = 400ms;   // it changes slowly
constexpr std::size_t kMostMembers = 256;  // whose memory is followed
constexpr std::int64_t kPage = 4096;       // [B]

// Numbers of a text, in order.
std::vector<std::int64_t> numbers(std::string_view text) {
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] < '0' || text[i] > '9') {
      ++i;
      continue;
    }
    std::int64_t value = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
      value = value * 10 + (text[i] - '0');
    }
    out.push_back(value);
  }
  return out;
}

std::optional<std::int64_t> after(const std::string& text, std::string_view key) {
  const auto at = text.find(key);
  if (at == text.npos) return std::nullopt;
  const auto found = numbers(std::string_view(text).substr(at + key.size(), 24));
  if (found.empty()) return std::nullopt;
  return found[0];
}

}  // namespace

struct CommandActivity::Member {
  int pid = 0;
  std::unique_ptr<ReadableFile> statm;
};

NetworkBytes network_bytes(FileSystem& files, const std::string& proc) {
  const std::string text = kernel_text(files, proc + "/self/net/dev");
  NetworkBytes out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    const std::size_t colon = line.find(':');
    if (colon == line.npos || line.substr(0, colon).find("lo") != line.npos) continue;
    const auto found = numbers(line.substr(colon + 1));
    if (found.size() < 9) continue;
    out.known = true;
    out.received += found[0];
    out.sent += found[8];
  }
  return out;
}

CommandActivity::CommandActivity(FileSystem& files, Clock& clock, std::string proc)
    : files_(files), clock_(clock), proc_(std::move(proc)) {}
CommandActivity::~CommandActivity() = default;

void CommandActivity::watch(Process* process) { process_ = process; }

void CommandActivity::ended(Duration cpu) {
  process_ = nullptr;
  members_.clear();
  last_.cpu = std::max(last_.cpu, cpu);
  last_.memory = 0;
}

void CommandActivity::find_members() {
  std::vector<Member> found;
  for (const int pid : process_->members()) {
    if (found.size() >= kMostMembers) break;
    const auto known = std::find_if(members_.begin(), members_.end(),
                                    [pid](const Member& m) { return m.pid == pid; });
    if (known != members_.end()) {
      found.push_back(std::move(*known));
      continue;
    }
    auto statm = files_.open(proc_ + "/" + std::to_string(pid) + "/statm");
    if (statm.ok()) found.push_back({pid, std::move(*statm)});
  }
  members_ = std::move(found);
}

void CommandActivity::read_disk(int pid) {
  const std::string text = kernel_text(files_, proc_ + "/" + std::to_string(pid) + "/io");
  if (const auto n = after(text, "\nread_bytes:"))
    disk_read_ = std::max(*n, disk_read_.value_or(0));
  if (const auto n = after(text, "\nwrite_bytes:")) {
    disk_written_ = std::max(*n, disk_written_.value_or(0));
  }
}

Activity CommandActivity::read() {
  if (process_ == nullptr) return last_;
  if (const auto cpu = process_->tree_cpu(); cpu.ok()) last_.cpu = std::max(last_.cpu, *cpu);
  const Duration now = clock_.steady_now();
  if (!searched_once_ || now - searched_ >= kSearchEvery) {
    searched_once_ = true;
    searched_ = now;
    find_members();
    read_disk(process_->pid());
  }
  if (weighed_once_ && now - weighed_ < kMemoryEvery) return last_;
  weighed_once_ = true;
  weighed_ = now;
  std::int64_t pages = 0;
  for (const Member& member : members_) {
    std::array<std::byte, 128> text;
    const auto got = member.statm->read_at(0, text);
    if (!got.ok()) continue;
    const auto found = numbers({reinterpret_cast<const char*>(text.data()), *got});
    if (found.size() > 1) pages += found[1];
  }
  last_.memory = pages * kPage;
  return last_;
}

}  // namespace tenbin

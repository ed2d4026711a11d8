// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <charconv>

#include "platform/file_system.h"
#include "platform/process.h"

namespace tenbin {
namespace {

// Files of /proc say 0 for their size.
std::string text_of(const std::string& path) {
  auto file = real_file_system().open(path);
  if (!file.ok()) return {};
  std::string text(1024, '\0');
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(text)));
  text.resize(got.ok() ? *got : 0);
  return text;
}

std::string boot_id() {
  const std::string text = text_of("/proc/sys/kernel/random/boot_id");
  return text.substr(0, text.find('\n'));
}

// Field 22 of /proc/PID/stat, empty if there is none such or only its remains.
std::string start_of(const std::string& pid) {
  const std::string text = text_of("/proc/" + pid + "/stat");
  const std::size_t name_end = text.rfind(") ");
  if (name_end == std::string::npos) return {};
  std::size_t at = name_end + 2;
  const char state = text[at];
  if (state == 'Z' || state == 'X') return {};
  for (int field = 3; field < 22; ++field) {
    at = text.find(' ', at);
    if (at == std::string::npos) return {};
    ++at;
  }
  return text.substr(at, text.find(' ', at) - at);
}

}  // namespace

std::string this_process_id() {
  const std::string pid = std::to_string(::getpid());
  return boot_id() + "/" + pid + "/" + start_of(pid);
}

ProcessState state_of_process(std::string_view id) {
  const std::size_t first = id.find('/');
  const std::size_t second = first == id.npos ? id.npos : id.find('/', first + 1);
  if (second == id.npos) return ProcessState::kUnknown;
  const std::string_view pid = id.substr(first + 1, second - first - 1);
  int number = 0;
  const auto read = std::from_chars(pid.data(), pid.data() + pid.size(), number);
  if (read.ec != std::errc() || read.ptr != pid.data() + pid.size() || number <= 0) {
    return ProcessState::kUnknown;
  }
  const std::string boot = boot_id();
  if (boot.empty() || id.substr(0, first) != boot) return ProcessState::kUnknown;
  const bool same = start_of(std::string(pid)) == id.substr(second + 1);
  return same ? ProcessState::kRunning : ProcessState::kEnded;
}

}  // namespace tenbin

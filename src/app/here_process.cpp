// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "app/here.h"
#include "app/here_files.h"
#include "app/measure.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/plugin.h"
#include "platform/process.h"
#include "platform/terminal.h"
#include "platform/watched_files.h"

namespace tenbin::here {
namespace {

// Who listens, and the files as they are told of.
struct Trace {
  std::function<void(const std::string&)> tell;
  std::unique_ptr<WatchedFiles> files;
};
Trace& the_trace() {
  static Trace trace;
  return trace;
}

}  // namespace

FileSystem& files() {
  WatchedFiles* watched = the_trace().files.get();
  return watched != nullptr ? *watched : real_file_system();
}

void trace(std::function<void(const std::string&)> tell) {
  Trace& now = the_trace();
  now.files.reset();
  now.tell = std::move(tell);
  if (!now.tell) return;
  now.files = std::make_unique<WatchedFiles>(
      real_file_system(), [&now](const std::string& line) { now.tell("file: " + line); });
}

void detail(const std::string& line) {
  if (the_trace().tell) the_trace().tell(line);
}

std::string machine_line() {
  const MachineFacts machine = read_machine_facts(files());
  std::string sets;
  for (const std::string& set : machine.isa) sets += (sets.empty() ? "" : " ") + set;
  return (machine.cpu_model.empty() ? "CPU that the kernel does not name" : machine.cpu_model) +
         ", " + std::to_string(machine.threads) + " of " + std::to_string(machine.logical_cpus) +
         " threads may be used, " + to_text(machine.memory) + " of memory; " + sets;
}

std::string usage_line() {
  const Duration cpu = real_clock().process_cpu() + real_clock().children_cpu();
  const std::int64_t peak = peak_memory_of_self(real_file_system(), "/proc");
  return "CPU time " + to_text(cpu) + ", " +
         (peak > 0 ? "at most " + to_text(Bytes{peak}) + " resident" : "memory unknown") +
         (the_trace().files ? "; files: " + the_trace().files->totals() : std::string());
}

std::vector<std::string> vector_sets() { return read_machine_facts(files()).isa; }

std::vector<KnownPath> known_paths(const std::vector<KnownPath>& more) {
  std::vector<KnownPath> out = {{"plug-ins", plugin_folder(), false}};
  if (const auto names = files().list(plugin_folder()); names.ok()) {
    for (const auto& name : *names)
      out.push_back({"plug-in", join_path(plugin_folder(), name), false});
  }
  // Where scripts/setup puts what is no Debian package, unless told otherwise.
  out.push_back({"headers for the build", "/usr/local/lib/tenbin/include", false});
  out.push_back({"data sets for tests", "/usr/local/share/tenbin/datasets", false});
  out.insert(out.end(), more.begin(), more.end());
  for (KnownPath& path : out) path.exists = files().exists(path.path);
  return out;
}

Result<std::optional<std::string>> text_if_present(const std::string& path) {
  constexpr std::int64_t kMost = 1 << 20;  // a settings file
  if (!files().exists(path)) return std::optional<std::string>{};
  TENBIN_TRY(std::string text, files().read_text(path, kMost));
  return std::optional<std::string>(std::move(text));
}

bool exists(const std::string& path) { return files().exists(path); }

bool interrupted() { return tenbin::interrupted(); }
void rest(Duration time) { real_clock().wait_until(real_clock().steady_now() + time); }
void watch_interrupts() { tenbin::watch_interrupts(); }
void occupy_closed_streams() { tenbin::occupy_closed_streams(); }
bool is_terminal(int stream) { return tenbin::is_terminal(stream); }
std::size_t terminal_columns(int stream) { return tenbin::terminal_columns(stream); }
bool reader_left(int stream) { return tenbin::reader_left(stream); }
std::string environment(const char* name) { return tenbin::environment(name); }
double steady_seconds() { return in_seconds(real_clock().steady_now()); }

}  // namespace tenbin::here

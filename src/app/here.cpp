// SPDX-License-Identifier: Apache-2.0
#include "app/here.h"

#include <array>
#include <cstring>

#include "data/read.h"
#include "meter/meter.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/plugin.h"
#include "platform/process.h"
#include "platform/standard_input.h"
#include "platform/terminal.h"

namespace tenbin::here {

Result<FitOutcome> fit(const FitOptions& options, FitObserver& observer) {
  return tenbin::fit(options, real_file_system(), real_clock(), observer);
}

namespace {

// The first sign of the text tells JSON lines from CSV.
std::string format_of(const std::string& path) {
  const auto file = real_file_system().open(path);
  std::array<std::byte, 4> head{};
  if (!file.ok() || !(*file)->read_at(0, head).ok()) return {};
  if (std::memcmp(head.data(), "PAR1", 4) == 0) return "parquet";
  return head[0] == std::byte{'{'} ? "jsonl" : "csv";
}

Result<PredictOutcome> predict_standard_input(PredictOptions options) {
  constexpr std::int64_t kMost = std::int64_t{4} << 30;
  if (tenbin::is_terminal(0)) {
    return Error(ErrorCode::kMissingArgument, "standard input is a terminal, expected rows", "-",
                 "pipe CSV or JSON lines: tenbin predict MODEL - < new.csv");
  }
  TENBIN_TRY(const SpooledStream input, SpooledStream::read(0, temporary_folder(), kMost));
  if (input.size() == 0) {
    return Error(ErrorCode::kEmptyData, "standard input is empty, expected rows", "-");
  }
  options.data = input.path();
  if (options.read.format.empty()) options.read.format = format_of(input.path());
  auto outcome = tenbin::predict(options, real_file_system());
  if (outcome.ok()) return outcome;
  const Error& e = outcome.error();
  std::string where = e.where();
  for (const std::string& name : {input.path(), std::string(file_name(input.path()))}) {
    if (where.starts_with(name)) where = "standard input" + where.substr(name.size());
  }
  return Error(e.code(), e.message(), where, e.hint());
}

}  // namespace

Result<PredictOutcome> predict(const PredictOptions& options) {
  if (options.data == "-") return predict_standard_input(options);
  return tenbin::predict(options, real_file_system());
}

Result<MeterOutcome> meter(const MeterCommandOptions& options,
                           const std::function<void(const MeterProgress&)>& progress) {
  const MachineFacts machine = read_machine_facts(real_file_system());
  return run_metered(options, real_processes(), real_file_system(), real_clock(), machine,
                     progress);
}

Result<LedgerView> ledger(const std::string& path, const LedgerViewOptions& options) {
  return view_ledger(path, options, real_file_system());
}

std::span<const LimitName> limit_names() { return tenbin::limit_names(); }

std::vector<Check> doctor() {
  const MachineFacts machine = read_machine_facts(real_file_system());
  return diagnose(machine, foreign_libraries(),
                  probe_sources({}, real_file_system(), real_clock(), machine));
}

std::vector<Library> libraries() { return foreign_libraries(); }
std::vector<std::string> vector_sets() { return read_machine_facts(real_file_system()).isa; }

std::vector<KnownPath> known_paths(const std::vector<KnownPath>& more) {
  std::vector<KnownPath> out = {{"plug-ins", plugin_folder(), false}};
  if (const auto names = real_file_system().list(plugin_folder()); names.ok()) {
    for (const auto& name : *names)
      out.push_back({"plug-in", join_path(plugin_folder(), name), false});
  }
  // Where scripts/setup puts what is no Debian package, unless told otherwise.
  out.push_back({"headers for the build", "/usr/local/lib/tenbin/include", false});
  out.push_back({"data sets for tests", "/usr/local/share/tenbin/datasets", false});
  out.insert(out.end(), more.begin(), more.end());
  for (KnownPath& path : out) path.exists = real_file_system().exists(path.path);
  return out;
}

Result<std::optional<std::string>> text_if_present(const std::string& path) {
  constexpr std::int64_t kMost = 1 << 20;  // a settings file
  if (!real_file_system().exists(path)) return std::optional<std::string>{};
  TENBIN_TRY(std::string text, real_file_system().read_text(path, kMost));
  return std::optional<std::string>(std::move(text));
}

Result<std::vector<std::string>> column_names(const std::string& path) {
  constexpr std::int64_t kMost = 32 << 20;  // who presses Tab waits
  TENBIN_TRY(const FileInfo info, real_file_system().info(path));
  if (!info.is_folder && info.size > kMost) return std::vector<std::string>{};
  TENBIN_TRY(const Dataset data, read_dataset(real_file_system(), path));
  std::vector<std::string> names;
  for (const auto& column : data.table.columns) names.push_back(column.name);
  return names;
}

void watch_interrupts() { tenbin::watch_interrupts(); }
void occupy_closed_streams() { tenbin::occupy_closed_streams(); }
bool is_terminal(int stream) { return tenbin::is_terminal(stream); }
std::size_t terminal_columns(int stream) { return tenbin::terminal_columns(stream); }
bool reader_left(int stream) { return tenbin::reader_left(stream); }
std::string environment(const char* name) { return tenbin::environment(name); }
double steady_seconds() { return in_seconds(real_clock().steady_now()); }

}  // namespace tenbin::here

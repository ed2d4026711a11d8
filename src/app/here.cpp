// SPDX-License-Identifier: Apache-2.0
#include "app/here.h"

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

namespace {

// Runs `use` on what comes over standard input, told by content unless --format names it. Errors
// speak of standard input, not of the file that it went through.
template <class Use, class Options> auto on_standard_input(Options options, const Use& use) {
  using Outcome = decltype(use(options));
  constexpr std::int64_t kMost = std::int64_t{4} << 30;
  const auto spooled = [&]() -> Result<SpooledStream> {
    if (tenbin::is_terminal(0)) {
      return Error(ErrorCode::kMissingArgument, "standard input is a terminal, expected rows", "-",
                   "pipe them in: < new.csv");
    }
    TENBIN_TRY(SpooledStream input, SpooledStream::read(0, temporary_folder(), kMost));
    if (input.size() == 0) {
      return Error(ErrorCode::kEmptyData, "standard input is empty, expected rows", "-");
    }
    options.data = input.path();
    if (options.read.format.empty()) {
      TENBIN_TRY(options.read.format, format_by_content(real_file_system(), input.path()));
    }
    return input;
  };
  const auto input = spooled();
  const Outcome outcome = input.ok() ? use(options) : Outcome(input.error());
  if (outcome.ok() || options.data == "-") return outcome;
  const Error& e = outcome.error();
  std::string where = e.where();
  for (const std::string& name : {options.data, std::string(file_name(options.data))}) {
    if (where.starts_with(name)) where = "standard input" + where.substr(name.size());
  }
  return Outcome(Error(e.code(), e.message(), where, e.hint()));
}

// `use` on the data that is named, be it a path or "-".
template <class Use> auto on_named_data(FitOptions options, const Use& use) {
  if (options.data != "-") return use(options);
  options.data_name = "standard input";
  options.data_file = file_behind(0).value_or("");
  return on_standard_input(std::move(options), use);
}

}  // namespace

Result<FitOutcome> fit(const FitOptions& options, FitObserver& observer) {
  return on_named_data(options, [&](const FitOptions& named) {
    return tenbin::fit(named, real_file_system(), real_clock(), observer);
  });
}

Result<Json> plan_fit(const FitOptions& options, FitObserver& observer) {
  return on_named_data(options, [&](const FitOptions& named) {
    return tenbin::plan_fit(named, real_file_system(), observer);
  });
}

Result<PredictOutcome> predict(const PredictOptions& options) {
  const auto use = [](const PredictOptions& named) {
    return tenbin::predict(named, real_file_system(), real_clock());
  };
  return options.data == "-" ? on_standard_input(options, use) : use(options);
}

namespace {

// What this user's programs keep for themselves and can make again; empty: no home.
std::string cache_folder() {
  std::string base = tenbin::environment("XDG_CACHE_HOME");
  const std::string home = tenbin::environment("HOME");
  if (base.empty() && !home.empty()) base = join_path(home, ".cache");
  return base.empty() ? base : join_path(base, "tenbin");
}

}  // namespace

Result<Json> profile(const ProfileOptions& options,
                     const std::function<void(const std::string&)>& tell) {
  return profile_model(options, cache_folder(), real_file_system(), real_clock(),
                       read_machine_facts(real_file_system()), tell);
}

Result<ShrinkOutcome> shrink(const ShrinkOptions& options, FitObserver& observer) {
  return tenbin::shrink(options, real_file_system(), real_clock(), observer);
}

Result<ShrinkOutcome> verify_shrunk(const ShrinkOptions& options, FitObserver& observer) {
  return tenbin::verify_shrunk(options, real_file_system(), real_clock(), observer);
}

Result<MeterOutcome> meter(const MeterCommandOptions& options,
                           const std::function<void(const MeterProgress&)>& progress) {
  const MachineFacts machine = read_machine_facts(real_file_system());
  return run_metered(options, real_processes(), real_file_system(), real_clock(), machine,
                     progress);
}

std::vector<ZooModel> zoo_models() { return tenbin::zoo_models(); }
Result<ZooOutcome> build_zoo_model(const ZooOptions& options) {
  return tenbin::build_zoo_model(options, real_file_system());
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

bool exists(const std::string& path) { return real_file_system().exists(path); }

void watch_interrupts() { tenbin::watch_interrupts(); }
void occupy_closed_streams() { tenbin::occupy_closed_streams(); }
bool is_terminal(int stream) { return tenbin::is_terminal(stream); }
std::size_t terminal_columns(int stream) { return tenbin::terminal_columns(stream); }
bool reader_left(int stream) { return tenbin::reader_left(stream); }
std::string environment(const char* name) { return tenbin::environment(name); }
double steady_seconds() { return in_seconds(real_clock().steady_now()); }

}  // namespace tenbin::here

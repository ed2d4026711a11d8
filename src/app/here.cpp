// SPDX-License-Identifier: Apache-2.0
#include "app/here.h"

#include "app/fit/fit_and_shrink.h"
#include "app/here_files.h"
#include "app/measure.h"
#include "data/read.h"
#include "meter/meter.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/plugin.h"
#include "platform/process.h"
#include "platform/sandbox.h"
#include "platform/standard_input.h"
#include "platform/terminal.h"

namespace tenbin::here {

namespace {

// Size of the file that a stream was redirected from; 0: not known.
std::int64_t size_behind(int stream) {
  const auto path = file_behind(stream);
  const auto info = path ? real_file_system().info(*path) : Result<FileInfo>(FileInfo{});
  return info.ok() ? info->size : 0;
}

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
    std::function<void(std::int64_t)> tell;
    if (const auto& progress = options.read.progress; progress) {
      tell = [&progress, all = size_behind(0)](std::int64_t done) {
        progress({"taking in standard input", "bytes", done, all});
      };
    }
    TENBIN_TRY(SpooledStream input, SpooledStream::read(0, temporary_folder(), kMost, tell));
    if (input.size() == 0) {
      return Error(ErrorCode::kEmptyData, "standard input is empty, expected rows", "-");
    }
    options.data = input.path();
    if (options.read.format.empty()) {
      TENBIN_TRY(options.read.format, format_by_content(files(), input.path()));
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
template <class Use> auto on_named_data(FitOptions options, FitObserver& observer, const Use& use) {
  options.read.progress = [&observer](const ReadProgress& now) { observer.reading(now); };
  if (options.data != "-") return use(options);
  options.data_name = "standard input";
  options.data_file = file_behind(0).value_or("");
  return on_standard_input(std::move(options), use);
}

}  // namespace

Result<FitOutcome> fit(const FitOptions& options, FitObserver& observer) {
  return on_named_data(options, observer, [&](const FitOptions& named) {
    const auto use = named.shrink ? tenbin::fit_and_shrink : tenbin::fit;
    return use(named, files(), real_clock(), observer);
  });
}

Result<Json> plan_fit(const FitOptions& options, FitObserver& observer) {
  return on_named_data(options, observer, [&](const FitOptions& named) {
    return tenbin::plan_fit(named, files(), observer);
  });
}

Result<PredictOutcome> predict(const PredictOptions& options,
                               const std::function<void(const ReadProgress&)>& progress) {
  const auto use = [&](const PredictOptions& named) {
    return tenbin::predict(named, files(), real_clock(), {detail, progress});
  };
  if (options.data != "-") return use(options);
  PredictOptions told = options;
  told.read.progress = progress;
  return on_standard_input(told, use);
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
  return profile_model(options, cache_folder(), files(), real_clock(), read_machine_facts(files()),
                       {tell, detail});
}

Result<ShrinkOutcome> shrink(const ShrinkOptions& options, FitObserver& observer) {
  ShrinkOptions told = options;
  told.read.progress = [&observer](const ReadProgress& now) { observer.reading(now); };
  return tenbin::shrink(told, files(), real_clock(), observer);
}

Result<ShrinkOutcome> verify_shrunk(const ShrinkOptions& options, FitObserver& observer) {
  ShrinkOptions told = options;
  told.read.progress = [&observer](const ReadProgress& now) { observer.reading(now); };
  return tenbin::verify_shrunk(told, files(), real_clock(), observer);
}

Result<Json> bench(const BenchOptions& options,
                   const std::function<void(const std::string&)>& tell) {
  FileSystem& files = real_file_system();
  const MachineFacts machine = read_machine_facts(files);
  TENBIN_TRY(Json document, run_bench(
                                options, files, real_clock(), machine,
                                [] { return tenbin::interrupted(); }, tell));
  if (!options.output.empty()) {
    TENBIN_CHECK(files.write_durable(options.output, bench_html(document)));
  }
  return document;
}

Result<MeterOutcome> meter(const MeterCommandOptions& options,
                           const std::function<void(const MeterProgress&)>& progress) {
  const MachineFacts machine = read_machine_facts(files());
  auto outcome = run_metered(options, real_processes(), files(), real_clock(), machine, progress);
  if (outcome.ok()) {
    detail("meter: " + outcome->meter + "; " + std::to_string(outcome->samples) +
           " samples, the longest gap " + to_text(outcome->max_gap));
    detail(outcome->ledger.empty() ? "ledger: none, as --ledger names none"
                                   : "ledger: " + outcome->ledger + ", run " + outcome->run);
  }
  return outcome;
}

std::vector<ZooModel> zoo_models() { return tenbin::zoo_models(); }
Result<ZooOutcome> build_zoo_model(const ZooOptions& options) {
  return tenbin::build_zoo_model(options, files());
}

Result<LedgerView> ledger(const std::string& path, const LedgerViewOptions& options) {
  auto view = view_ledger(path, options, files());
  for (const auto& file : view.ok() ? view->files : std::vector<LedgerView::File>{}) {
    detail("ledger: " + file.path + ", runs shown: " + std::to_string(file.runs.size()));
  }
  return view;
}

std::span<const LimitName> limit_names() { return tenbin::limit_names(); }

std::vector<Check> doctor() {
  const MachineFacts machine = read_machine_facts(files());
  auto out =
      diagnose(machine, foreign_libraries(), probe_sources({}, files(), real_clock(), machine));
  const auto sandbox = sandbox_here();
  out.push_back({"machine", "sandbox of model workers", sandbox.ok(), false,
                 sandbox.ok() ? *sandbox : sandbox.error().message(),
                 sandbox.ok() ? std::string() : sandbox.error().hint()});
  return out;
}

std::vector<Library> libraries() { return foreign_libraries(); }
Result<std::vector<std::string>> column_names(const std::string& path) {
  constexpr std::int64_t kMost = 32 << 20;  // who presses Tab waits
  TENBIN_TRY(const FileInfo info, files().info(path));
  if (!info.is_folder && info.size > kMost) return std::vector<std::string>{};
  TENBIN_TRY(const Dataset data, read_dataset(files(), path));
  std::vector<std::string> names;
  for (const auto& column : data.table.columns) names.push_back(column.name);
  return names;
}

}  // namespace tenbin::here

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/doctor.h"
#include "app/fit/dry_run.h"
#include "app/fit/fit.h"
#include "app/ledger_view.h"
#include "app/load/bench.h"
#include "app/load/rollout_call.h"
#include "app/meter_command.h"
#include "app/predict.h"
#include "app/profile/profile.h"
#include "app/serve/serving.h"
#include "app/shrink/shrink.h"
#include "app/zoo.h"
#include "plan/limits.h"

// The use cases on this machine: real files, real clock, real processes.
namespace tenbin::here {

Result<FitOutcome> fit(const FitOptions& options, FitObserver& observer);
// What fit would do, as a document; nothing is written.
Result<Json> plan_fit(const FitOptions& options, FitObserver& observer);
// `progress` (may be empty): of reading, then of answering.
Result<PredictOutcome> predict(const PredictOptions& options,
                               const std::function<void(const ReadProgress&)>& progress = {});
Result<Json> profile(const ProfileOptions& options,
                     const std::function<void(const std::string&)>& tell);
Result<ShrinkOutcome> shrink(const ShrinkOptions& options, FitObserver& observer);
Result<ShrinkOutcome> verify_shrunk(const ShrinkOptions& options, FitObserver& observer);
// `tell`: a line before each step. The report is written to options.output, if it names a file.
Result<Json> bench(const BenchOptions& options,
                   const std::function<void(const std::string&)>& tell);
Result<Json> rollout(const RolloutOptions& options);
Result<std::unique_ptr<Serving>> open_serving(const ServeOptions& options);
// This process as a worker of a server (it was started with kWorkerVerb); its exit code.
int model_worker();
// Objects for a cluster, as the options of the server ask (--emit).
Result<std::string> manifest(Serving& serving);
Result<MeterOutcome> meter(const MeterCommandOptions& options,
                           const std::function<void(const MeterProgress&)>& progress);
std::vector<ZooModel> zoo_models();
Result<ZooOutcome> build_zoo_model(const ZooOptions& options);
Result<LedgerView> ledger(const std::string& path, const LedgerViewOptions& options);

// What --limit knows: name, example, what it bounds.
std::span<const LimitName> limit_names();

// What this machine can do, and the libraries and vector instructions behind it.
std::vector<Check> doctor();
std::vector<Library> libraries();
std::vector<std::string> vector_sets();
// Where tenbin itself, its plug-ins and its settings are; `more` are looked up too.
std::vector<KnownPath> known_paths(const std::vector<KnownPath>& more);
// A small text file, or nothing if there is none.
Result<std::optional<std::string>> text_if_present(const std::string& path);
// Names of the columns of a data file, for completion.
Result<std::vector<std::string>> column_names(const std::string& path);

// Details of what these functions do, for --verbose: a line each, on the thread that does it, until
// another `tell` (empty: none) takes its place. Not thread-safe itself: call before the work.
void trace(std::function<void(const std::string&)> tell);
// Adds a line of the caller's; nothing if nobody listens.
void detail(const std::string& line);
// CPU, threads and vector sets that this process has.
std::string machine_line();
// What the process used so far: CPU time, memory, files.
std::string usage_line();

bool exists(const std::string& path);
void watch_interrupts();
bool interrupted();
void rest(Duration time);
void occupy_closed_streams();
bool is_terminal(int stream);
std::size_t terminal_columns(int stream);
bool reader_left(int stream);
std::string environment(const char* name);
double steady_seconds();

}  // namespace tenbin::here

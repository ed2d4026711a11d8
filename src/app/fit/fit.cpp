// SPDX-License-Identifier: Apache-2.0
#include "app/fit/fit.h"

#include <map>

#include "app/fit/document.h"
#include "app/fit/fit_and_shrink.h"
#include "app/fit/pace.h"
#include "app/fit/pieces.h"
#include "app/folder_run.h"
#include "app/report/report.h"
#include "graph/onnx.h"
#include "plan/fit_plan.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/process.h"
#include "record/ledger.h"

namespace tenbin {
namespace {

// "jit:avx2 x3, ref": each name once, with how often it comes.
std::string counted_names(const std::vector<std::string>& names) {
  std::map<std::string, int> counts;
  for (const std::string& name : names) ++counts[name];
  std::string out;
  for (const auto& [name, count] : counts) {
    out += (out.empty() ? "" : ", ") + name + (count > 1 ? " x" + std::to_string(count) : "");
  }
  return out.empty() ? "none" : out;
}

class Fit {
 public:
  Fit(const FitOptions& options, FileSystem& files, Clock& clock, FitObserver& observer)
      : options_(options), files_(files), clock_(clock), observer_(observer) {}

  Result<FitOutcome> run();

 private:
  Status open();
  Status write_model();
  std::size_t rows_at_once() const;
  Status measure_batches(Session& session, int threads, Duration most,
                         const std::function<bool()>& may_go_on);
  Status prove();
  Status judge();
  Result<FitOutcome> work();
  Result<FitOutcome> close();
  Status prepare();
  RunRecorder& recorder() { return run_->recorder(); }
  Meter& meter() { return run_->meter(); }

  const FitOptions& options_;
  FileSystem& files_;
  Clock& clock_;
  FitObserver& observer_;
  Limits limits_;
  std::unique_ptr<FolderRun> run_;
  std::optional<BudgetWatch> training_watch_, whole_watch_;
  std::optional<Pieces> pieces_;
  Prepared prepared_;
  Learned learned_;
  std::string model_bytes_;
  FitFacts facts_;
};

Status Fit::open() {
  TENBIN_TRY(limits_, fit_limits(options_));
  TENBIN_CHECK(options_.prices.check(limits_.money));
  if (options_.output.empty()) {
    return Error(ErrorCode::kBadValue, "the output folder has no name", "--output",
                 "leave -o away for ./out, or give a folder");
  }
  TENBIN_TRY(const FileInfo data, files_.info(options_.data));  // before anything is made
  (void)data;
  facts_.wall_started_ns = clock_.wall_now_ns();
  FitOptions copy = options_;
  FolderRunRequest request;
  request.kind = "fit";
  request.name = std::string(file_name(options_.shown_data())) + " -> " + options_.target;
  request.folder = options_.output;
  request.command = options_.command;
  request.options = options_json(described(copy));
  request.seed = static_cast<std::uint64_t>(options_.seed);
  request.threads = options_.threads;
  request.prices = options_.prices;
  request.meter = options_.meter;
  TENBIN_TRY(run_, FolderRun::begin(request, files_, clock_, observer_));
  facts_.options = &options_;
  facts_.machine = run_->machine();
  facts_.libraries = linked_libraries();
  facts_.threads = run_->threads();
  facts_.prices = options_.prices;
  facts_.ledger_path = run_->path(kLedgerFileName);
  facts_.model_path = run_->path("model.onnx");
  facts_.report_path = run_->path("report.html");
  facts_.result_path = run_->path("result.json");
  facts_.started = recorder().started();
  training_watch_.emplace(limits_, options_.prices, meter(), clock_, facts_.started);
  training_watch_->keep_back(closing_share(limits_, options_.prices));
  pieces_.emplace(*training_watch_, clock_);
  whole_watch_.emplace(limits_, options_.prices, meter(), clock_, facts_.started);
  if (options_.shrink) {
    training_watch_->keep_back(kept_for_shrinking(limits_));
    whole_watch_->keep_back(kept_for_shrinking(limits_));
  }
  facts_.meter = meter().describe();
  return {};
}

Status Fit::write_model() {
  TENBIN_TRY(facts_.model,
             export_model(prepared_, learned_.network, learned_.scale, learned_.probabilities));
  TENBIN_TRY(model_bytes_, write_onnx(facts_.model));
  TENBIN_CHECK(files_.write_durable(facts_.model_path, model_bytes_));
  facts_.model_bytes = static_cast<std::int64_t>(model_bytes_.size());
  facts_.model_sha256 = sha256_hex(model_bytes_);
  recorder().artefact("model", facts_.model_path, facts_.model_sha256, {facts_.model_bytes});
  if (auto counted = count(facts_.model.graph); counted.ok()) facts_.counts = std::move(*counted);
  return {};
}

// What the memory limit leaves room for, in plans of as many threads for one row and for many.
std::size_t Fit::rows_at_once() const {
  if (!limits_.memory || !facts_.counts) return kRowsAtOnce;
  constexpr std::int64_t kOther = 24 << 20;  // [B] columns, answers, kernels' code
  constexpr std::int64_t kPlans = 4;
  const std::int64_t room =
      limits_.memory->count - kOther - resident_memory_of_self(files_, "/proc");
  const std::int64_t row = std::max<std::int64_t>(facts_.counts->peak_activations.count, 1);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(room / (row * kPlans), 1, kRowsAtOnce));
}

// Keeps the throughput and its energy if it is the best so far: small models lose by more threads.
Status Fit::measure_batches(Session& session, int threads, Duration most,
                            const std::function<bool()>& may_go_on) {
  const Duration began = meter().sample();
  TENBIN_TRY(Throughput seen,
             measure_throughput(prepared_, session, clock_, most, may_go_on, rows_at_once()));
  const Duration ended = meter().sample();
  if (seen.rows_per_second <= facts_.throughput.rows_per_second) return {};
  seen.threads = threads;
  facts_.throughput = seen;
  facts_.per_1000_energy = meter().between(began, ended);
  const double scale = 1000.0 / static_cast<double>(seen.rows);
  const auto scaled = [scale](Energy e) {
    return Energy{static_cast<std::int64_t>(static_cast<double>(e.nanojoules) * scale)};
  };
  EnergyEstimate& energy = facts_.per_1000_energy;
  if (energy.value) *energy.value = scaled(*energy.value);
  energy.lo = scaled(energy.lo);
  energy.hi = scaled(energy.hi);
  return {};
}

// The file as written is what is proven: parsed again, on raw test rows.
Status Fit::prove() {
  TENBIN_TRY(const Model model, parse_onnx(std::as_bytes(std::span(model_bytes_))));
  TENBIN_TRY(const auto wide, Session::create(model, {facts_.threads}));
  const Duration scoring = clock_.steady_now();
  const auto may_use = [this](double share) {
    return [watch = whole_watch_->share_of_left(share)]() mutable {
      return !watch.exceeded() && !interrupted();
    };
  };
  TENBIN_TRY(facts_.test,
             score_test_rows(prepared_, *wide, static_cast<std::uint64_t>(options_.seed),
                             may_use(0.5), rows_at_once()));
  recorder().emit({"score", "test rows", scoring, clock_.steady_now(), facts_.test.rows});
  const auto all = static_cast<std::int64_t>(prepared_.split.test.size());
  if (facts_.test.rows < all) {
    observer_.tell("scored on " + std::to_string(facts_.test.rows) + " of " + std::to_string(all) +
                   " test rows, drawn by the seed: no more fit into the limits");
  }
  const Limits left = whole_watch_->left();
  // A quarter of what is left stays for the report, and for a machine that is busy.
  const Duration room = left.time ? *left.time * 3 / 4 : Duration(12s);
  const Duration batch_time = std::clamp<Duration>(room / 16, 20ms, 500ms);
  TENBIN_TRY(const auto single, Session::create(model, {1}));
  TENBIN_CHECK(measure_batches(*single, 1, batch_time, may_use(0.25)));
  if (facts_.threads > 1) {
    TENBIN_CHECK(measure_batches(*wide, facts_.threads, batch_time, may_use(0.25)));
  }
  TENBIN_TRY(facts_.latency, measure_latency(prepared_, *single, clock_,
                                             std::min<Duration>(room / 2, 6s), may_use(0.75)));
  facts_.kernels = single->kernels();
  observer_.detail(
      "engine: native, as it has every operator that fit writes; kernels of one row: " +
      counted_names(facts_.kernels));
  return {};
}

Status Fit::judge() {
  Reached reached;
  const Spent spent = whole_watch_->spent();
  reached.time = spent.time;
  reached.energy = spent.energy.at_most();
  reached.money = spent.money;
  reached.carbon = spent.carbon;
  if (const std::int64_t peak = peak_memory_of_self(files_, "/proc"); peak > 0) {
    reached.memory = Bytes{peak};
  }
  reached.p50 = facts_.latency.p50;
  reached.p99 = facts_.latency.p99;
  reached.size = Bytes{facts_.model_bytes};
  if (!facts_.test.scores.empty()) reached.score = facts_.test.scores.front().value;
  reached.energy_per_1000 = facts_.per_1000_energy.at_most();
  facts_.limits = check_limits(limits_, reached);
  facts_.outcome = "ok";
  for (const LimitCheck& check : facts_.limits) {
    if (check.holds) continue;
    facts_.outcome = "limit_not_met";
    facts_.outcome_reason += (facts_.outcome_reason.empty() ? "" : "; ") + check.reason;
    facts_.exit_code = 5;
  }
  if (learned_.result.reason == StopReason::kNonFinite) {
    facts_.outcome = "non_finite";
    facts_.outcome_reason = learned_.result.detail;
    facts_.exit_code = 1;
  } else if (learned_.result.reason == StopReason::kInterrupted || interrupted()) {
    facts_.outcome = "interrupted";
    facts_.outcome_reason = "stopped on request; go on with --resume";
    facts_.exit_code = 130;
  }
  return {};
}

Result<FitOutcome> Fit::close() {
  for (const StageTotals& stage : recorder().stages()) {
    if (stage.name == "train") facts_.training_energy = stage.energy;
  }
  // The document tells what was used until it is drawn; drawing and writing it is a stage of its
  // own, and the end of the run comes after it.
  facts_.totals = recorder().so_far();
  facts_.power = meter().power_between(facts_.started, clock_.steady_now(), 2'000);
  facts_.wall_finished_ns = clock_.wall_now_ns();
  run_->begin_stage("report");
  FitOutcome outcome;
  outcome.document = fit_document(facts_);
  outcome.exit_code = facts_.exit_code;
  outcome.reason = facts_.outcome_reason;
  const std::string result = outcome.document.dump(1) + "\n";
  const std::string report = report_html(outcome.document);
  TENBIN_CHECK(files_.write_durable(facts_.result_path, result));
  TENBIN_CHECK(files_.write_durable(facts_.report_path, report));
  run_->stage().add_bytes(0, static_cast<std::int64_t>(result.size() + report.size()));
  TENBIN_CHECK(run_->finish(facts_.exit_code, facts_.outcome_reason));
  return outcome;
}

// A run that fails is told to the ledger as such; its error is the one to tell the user.
Result<FitOutcome> Fit::run() {
  TENBIN_CHECK(open());
  auto outcome = work();
  if (!outcome.ok()) run_->fail(outcome.error());
  return outcome;
}

Status Fit::prepare() {
  pieces_->begin();
  const StopQuestion may_go_on = pieces_->question();
  auto prepared = prepare_data(options_, files_, observer_, may_go_on);
  const Status last = may_go_on();
  pieces_->tell("reading, profile and plan of features", recorder());
  if (!prepared.ok()) return before_training(prepared.error(), options_.data);
  if (!last.ok()) return before_training(last.error(), options_.data);
  training_watch_->keep_back(busy_share(
      limits_, options_.prices, clock_.steady_now() - facts_.started, clock_.process_cpu()));
  prepared_ = std::move(*prepared);
  return {};
}

Result<FitOutcome> Fit::work() {
  run_->begin_stage("read");
  TENBIN_CHECK(prepare());
  run_->stage().add_bytes(prepared_.bytes, 0);
  run_->stage().add_items(prepared_.data.table.rows);
  run_->begin_stage("train");
  pieces_->begin();
  auto learned =
      learn(prepared_, {options_, limits_, options_.prices, facts_.threads, *training_watch_,
                        recorder(), meter(), files_, clock_, observer_, pieces_->question()});
  pieces_->tell("features of the rows", recorder());
  if (!learned.ok()) return before_training(learned.error(), options_.data);
  learned_ = std::move(*learned);
  facts_.prepared = &prepared_;
  facts_.learned = &learned_;
  run_->stage().add_items(learned_.result.steps * learned_.batch);
  run_->begin_stage("export");
  TENBIN_CHECK(write_model());
  run_->begin_stage("prove");
  TENBIN_CHECK(prove());
  TENBIN_CHECK(judge());
  run_->end_stage();
  return close();
}

}  // namespace

Result<Limits> fit_limits(const FitOptions& options) {
  std::vector<std::string> texts = options.limit;
  if (options.memory.count > 0) {
    texts.push_back("memory=" + std::to_string(options.memory.count) + "B");
  }
  return parse_limits(texts);
}

Result<FitOutcome> fit(const FitOptions& options, FileSystem& files, Clock& clock,
                       FitObserver& observer) {
  return Fit(options, files, clock, observer).run();
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/shrink.h"

#include <algorithm>
#include <cmath>

#include "app/engine_choice.h"
#include "app/fit/pace.h"
#include "app/meter_command.h"
#include "app/predict.h"
#include "app/report/shrink_report.h"
#include "app/shrink/apply_recipe.h"
#include "app/shrink/beside.h"
#include "app/shrink/document.h"
#include "app/shrink/network_rows.h"
#include "base/limits.h"
#include "base/nearest_name.h"
#include "graph/onnx.h"
#include "graph/rewrites/replace_network.h"
#include "graph/rewrites/rewrites.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/machine.h"
#include "platform/process.h"
#include "record/ledger.h"

namespace tenbin {
namespace {

constexpr int kMostProofs = 3;
constexpr std::int64_t kCalibrationRows = 256;
constexpr int kQuickPairs = 9;

class Shrink {
 public:
  Shrink(const ShrinkOptions& options, FileSystem& files, Clock& clock, FitObserver& observer)
      : options_(options), files_(files), clock_(clock), observer_(observer) {}
  Result<ShrinkOutcome> run();

 private:
  Status check_options();
  Status open();
  Status read();
  Status open_original();
  Status search();
  Result<Attempt> attempt(const ShrinkRecipe& recipe);
  Status weigh(Attempt& attempt, Session& session);
  Status put_to_proof();
  Status compare_engines(const Attempt& shipped);
  Status conclude();
  Result<ShrinkOutcome> work();
  Result<ShrinkOutcome> close();
  Status may_go_on();
  void begin_stage(const char* name);
  std::string path(const char* name) const { return join_path(options_.output, name); }

  const ShrinkOptions& options_;
  FileSystem& files_;
  Clock& clock_;
  FitObserver& observer_;
  Limits budget_, goals_;
  int threads_ = 1;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Meter> meter_;
  std::unique_ptr<RunRecorder> recorder_;
  std::optional<RunRecorder::Stage> stage_;
  std::optional<BudgetWatch> search_watch_, whole_watch_;
  Model model_;
  Network network_;
  std::optional<ShrinkRows> rows_;
  NetworkRows train_;
  std::unique_ptr<Session> original_;
  RowAnswers original_choose_, original_prove_;
  ShrinkState state_;
  ShrinkFacts facts_;
};

void Shrink::begin_stage(const char* name) {
  stage_.reset();
  stage_.emplace(recorder_->stage(name));
  observer_.stage(name);
}

Status Shrink::may_go_on() {
  if (interrupted()) return Error(ErrorCode::kInterrupted, "stopped on request");
  if (const auto why = whole_watch_->exceeded()) {
    return Error(ErrorCode::kBudgetExceeded, *why, "--budget");
  }
  return {};
}

Status Shrink::check_options() {
  if (options_.data.empty()) {
    return Error(ErrorCode::kMissingArgument, "no rows are named, expected a data file", "--data",
                 "add --data and a file of rows as the model reads them");
  }
  if (!(options_.max_drop.value >= 1e-4 && options_.max_drop.value <= 0.5)) {
    return Error(ErrorCode::kBadValue,
                 to_text(options_.max_drop) + " is out of range: expected 0.01% to 50%",
                 "--max-drop");
  }
  if (options_.batch < 1 || options_.batch > 4096) {
    return Error(ErrorCode::kBadValue,
                 std::to_string(options_.batch) + " rows a run, expected 1 to 4096", "--batch");
  }
  TENBIN_TRY(budget_, parse_budget(options_.budget));
  TENBIN_TRY(goals_, parse_limits(options_.limit));
  if (goals_.has_budget()) {
    return Error(ErrorCode::kBadValue, "time, energy, money and co2e of the search are a budget",
                 "--limit", "give them as --budget 10min,20kJ; --limit bounds the result");
  }
  state_.may_prune = false;  // no method here cuts yet
  return options_.prices.check(budget_.money);
}

Status Shrink::open() {
  TENBIN_CHECK(check_options());
  TENBIN_TRY(model_, read_named_model(options_.model, files_));
  TENBIN_CHECK(files_.info(options_.data));
  TENBIN_CHECK(files_.make_folders(options_.output));
  TENBIN_TRY(lock_, files_.lock(path(".lock")));
  const MachineFacts machine = read_machine_facts(files_);
  threads_ = options_.threads > 0 ? options_.threads : machine.threads;
  TENBIN_TRY(meter_, Meter::open(options_.meter, files_, clock_, machine));
  TENBIN_CHECK(meter_->start());
  TENBIN_TRY(ledger_, Ledger::open(path(kLedgerFileName)));
  RunInfo info;
  info.kind = "shrink";
  info.name = std::string(file_name(options_.model));
  info.command = options_.command;
  info.machine =
      Json::object({{"cpu", machine.cpu_model}, {"threads", threads_}, {"os", machine.os}});
  ShrinkOptions copy = options_;
  info.options = options_json(described(copy));
  info.seed = static_cast<std::uint64_t>(options_.seed);
  info.version = TENBIN_VERSION;
  TENBIN_TRY(recorder_, RunRecorder::begin(ledger_.get(), *meter_, clock_, options_.prices, info));
  const Duration started = recorder_->started();
  search_watch_.emplace(budget_, options_.prices, *meter_, clock_, started);
  search_watch_->keep_back(closing_share(budget_, options_.prices));
  whole_watch_.emplace(budget_, options_.prices, *meter_, clock_, started);
  facts_.options = &options_;
  facts_.meter = meter_->describe();
  facts_.cpu = machine.cpu_model;
  facts_.engine_version = TENBIN_VERSION;
  facts_.measured = utc_text(clock_.wall_now_ns());
  observer_.tell("energy is " + std::string(provenance_name(meter_->provenance())) + " here (" +
                 meter_->source() + "); `tenbin doctor` tells why, and how to measure it");
  return {};
}

Status Shrink::open_original() {
  const EngineRequest request{"auto", options_.model, threads_, Precision::kFloat32};
  const auto sample = [&](const Session& session) {
    const auto some = std::min(rows_->prove.size(), static_cast<std::size_t>(options_.batch));
    return rows_->rows.at(session.inputs(), std::span(rows_->prove).first(some));
  };
  TENBIN_TRY(ChosenEngine engine, open_engine(request, model_, sample, files_, clock_));
  facts_.original_engine = engine.name;
  facts_.original_why = engine.why;
  facts_.notes.insert(facts_.notes.end(), engine.notes.begin(), engine.notes.end());
  original_ = std::move(engine.session);
  const StopQuestion question([this] { return may_go_on(); });
  TENBIN_TRY(original_choose_, answer_rows(*rows_, rows_->choose, *original_, question));
  TENBIN_TRY(original_prove_, answer_rows(*rows_, rows_->prove, *original_, question));
  const Comparison itself =
      compare_answers(*rows_, rows_->prove, original_prove_, original_prove_, 0.95);
  facts_.original_score = itself.original_score;
  facts_.classes = itself.classes;
  facts_.labelled = rows_->target.has_value();
  observer_.tell("original: run by the " + engine.name + " engine (" + engine.why + "), " +
                 (facts_.classes ? "accuracy " : "R2 ") + to_text(facts_.original_score, 4) +
                 (facts_.labelled ? "" : " against its own answers: no --target is given"));
  return {};
}

Status Shrink::read() {
  TENBIN_TRY(rows_,
             read_shrink_rows(model_, options_.data, options_.target, options_.max_drop.value,
                              options_.seed, options_.read, files_));
  facts_.rows_why = rows_->why;
  observer_.tell(std::string(file_name(options_.data)) + ": " + rows_->why);
  for (const std::string& note : rows_->rows.notes()) observer_.tell(note);
  stage_->add_items(rows_->count());
  TENBIN_TRY(const std::string bytes, files_.read_text(options_.model, limits::kModelBytes));
  facts_.original.size = Bytes{static_cast<std::int64_t>(bytes.size())};
  facts_.original.sha256 = sha256_hex(bytes);
  TENBIN_CHECK(files_.write_durable(path("original.onnx"), bytes));
  TENBIN_CHECK(open_original());
  auto network = network_of(model_);
  if (!network.ok()) {
    return Error(network.error())
        .at(options_.model)
        .with_hint("what is shrunk is one network of layers from floats to floats");
  }
  network_ = std::move(*network);
  TENBIN_TRY(const GraphCounts counts, count(network_.graph));
  facts_.original.macs = counts.macs.count;
  facts_.original.parameters = counts.parameters;
  const StopQuestion question([this] { return may_go_on(); });
  const Bytes memory{options_.read.memory_limit.count / 2};
  TENBIN_TRY(train_, run_ends(model_, network_, *rows_, rows_->train, memory, threads_, question));
  return {};
}

// Size, counts, speed beside the original, answers on the rows to choose by.
Status Shrink::weigh(Attempt& a, Session& session) {
  const StopQuestion question([this] { return may_go_on(); });
  TENBIN_TRY(const RowAnswers answers, answer_rows(*rows_, rows_->choose, session, question));
  a.choose = compare_answers(*rows_, rows_->choose, original_choose_, answers, 0.95);
  a.trial.drop = a.choose.drop;
  PairPlan plan{options_.batch, threads_, kQuickPairs, 10ms, 10};
  TENBIN_TRY(const PairSide original, proof_side(*rows_, *original_, plan.batch));
  TENBIN_TRY(const PairSide side, proof_side(*rows_, session, plan.batch));
  TENBIN_TRY(const PairRuns pairs,
             run_pairs(original, side, plan, *meter_, clock_, [this] { return may_go_on(); }));
  a.trial.times_faster = pairs.faster.value;
  if (pairs.fewer_joules) a.trial.times_fewer_joules = pairs.fewer_joules->value;
  a.original_seconds = quantile_of_runs(pairs.original_runs, 0.5).value_or(0);
  a.seconds = quantile_of_runs(pairs.candidate_runs, 0.5).value_or(0);
  a.trial.times_smaller =
      static_cast<double>(facts_.original.size.count) / static_cast<double>(a.model.size.count);
  if (a.trial.times_faster < 1.02) {
    TENBIN_TRY(const WhereTimeGoes where, watch_time(session, side.inputs.front(), clock_));
    a.why_not = "not faster (" + to_text(a.trial.times_faster, 3) + "x): " + dominant_cause(where);
  }
  a.trial.ran = true;
  return {};
}

Result<Attempt> Shrink::attempt(const ShrinkRecipe& recipe) {
  Attempt a;
  a.trial.recipe = recipe;
  const Duration began = meter_->sample();
  const auto work = [&]() -> Status {
    TENBIN_TRY(const CheaperNetwork cheaper,
               apply_recipe(network_.graph, recipe, train_.some(kCalibrationRows)));
    a.notes = cheaper.notes;
    TENBIN_TRY(const GraphCounts counts, count(cheaper.graph));
    a.model.macs = counts.macs.count;
    a.model.parameters = counts.parameters;
    TENBIN_TRY(Model model, replace_network(model_, network_, cheaper.graph));
    model.metadata["tenbin.shrink"] = recipe.name();
    TENBIN_TRY(a.bytes, write_onnx(model));
    a.model.size = Bytes{static_cast<std::int64_t>(a.bytes.size())};
    a.model.sha256 = sha256_hex(a.bytes);
    TENBIN_TRY(const Model written, parse_onnx(std::as_bytes(std::span(a.bytes))));
    TENBIN_TRY(const auto session, Session::create(written, {threads_}));
    return weigh(a, *session);
  };
  const Status worked = work();
  const Duration ended = meter_->sample();
  a.took = ended - began;
  a.energy = meter_->between(began, ended);
  if (worked.ok()) return a;
  const ErrorCode code = worked.error().code();
  if (code == ErrorCode::kInterrupted || code == ErrorCode::kBudgetExceeded) return worked.error();
  a.failed = worked.error().message();
  a.why_not = a.failed;
  return a;
}

Status Shrink::search() {
  state_.goal = options_.goal;
  state_.max_drop = options_.max_drop.value;
  while (const auto recipe = next_recipe(state_)) {
    if (const auto why = search_watch_->exceeded()) {
      facts_.stopped = *why;
      break;
    }
    auto tried = attempt(*recipe);
    if (!tried.ok()) {
      facts_.stopped = tried.error().message();
      break;
    }
    Attempt& a = *tried;
    const std::string name = recipe->name();
    recorder_->emit({"trial", name, clock_.steady_now() - a.took, clock_.steady_now(), 1},
                    Json::object({{"times_faster", a.trial.times_faster},
                                  {"times_smaller", a.trial.times_smaller},
                                  {"drop", a.trial.drop.value}}));
    if (a.failed.empty()) {
      observer_.tell(name + ": " + to_text(a.trial.times_faster, 3) + "x faster, " +
                     to_text(a.trial.times_smaller, 3) + "x smaller, " +
                     (facts_.classes ? "accuracy " : "R2 ") +
                     to_text(a.trial.drop.value == 0 ? 0 : -100 * a.trial.drop.value, 3) +
                     " pt on the rows to choose by");
    } else {
      observer_.tell(name + ": " + a.failed);
    }
    if (a.why_not.empty() && !may_hold(a.trial, state_.max_drop)) {
      a.why_not = "loses " + to_text(100 * a.trial.drop.value, 3) +
                  " pt on the rows to choose by, allowed are " + to_text(100 * state_.max_drop, 3) +
                  " pt";
    }
    state_.tried.push_back(a.trial);
    facts_.attempts.push_back(std::move(a));
  }
  if (facts_.stopped.empty()) facts_.stopped = "what is worth trying was tried";
  if (facts_.attempts.empty()) {
    return Error(interrupted() ? ErrorCode::kInterrupted : ErrorCode::kBudgetExceeded,
                 "nothing could be tried: " + facts_.stopped, "--budget",
                 "allow more; a proof alone takes some seconds");
  }
  return {};
}

Status Shrink::put_to_proof() {
  const auto order = worth_proving(state_, kMostProofs);
  for (const std::size_t i : order) {
    Attempt& a = facts_.attempts[i];
    TENBIN_TRY(const Model written, parse_onnx(std::as_bytes(std::span(a.bytes))));
    TENBIN_TRY(const auto session, Session::create(written, {threads_}));
    Promise promise = promise_of(options_, goals_, threads_);
    // Each further try is another chance to be lucky (Bonferroni).
    promise.confidence = 1 - 0.05 / static_cast<double>(order.size());
    const ProofPair pair{*original_, *session, facts_.original.size, a.model.size, original_prove_};
    auto proof = prove(pair, *rows_, promise, *meter_, clock_, [this] { return may_go_on(); });
    if (!proof.ok()) {
      a.why_not = "not proven: " + proof.error().message();
      facts_.notes.push_back(a.trial.recipe.name() + ": " + a.why_not);
      break;
    }
    a.proof = std::move(*proof);
    if (!a.proof->holds()) {
      for (const std::string& failure : a.proof->failures) {
        a.why_not += (a.why_not.empty() ? "" : "; ") + failure;
      }
      observer_.tell(a.trial.recipe.name() + " is not proven: " + a.why_not);
      continue;
    }
    a.why_not.clear();
    facts_.shipped = i;
    TENBIN_TRY(const PairSide was, proof_side(*rows_, *original_, options_.batch));
    TENBIN_TRY(const PairSide is, proof_side(*rows_, *session, options_.batch));
    if (const auto before = watch_time(*original_, was.inputs.front(), clock_); before.ok()) {
      facts_.before = *before;
    }
    if (const auto after = watch_time(*session, is.inputs.front(), clock_); after.ok()) {
      facts_.after = *after;
    }
    return compare_engines(a);
  }
  return {};
}

// The same two files in the other engine, if it is here; only told.
Status Shrink::compare_engines(const Attempt& a) {
  TENBIN_TRY(facts_.beside,
             measure_beside({path("original.onnx"), a.bytes, threads_, options_.batch}, *rows_,
                            files_, *meter_, clock_, [this] { return may_go_on(); }));
  return {};
}

Status Shrink::conclude() {
  if (facts_.shipped) {
    const Attempt& a = facts_.attempts[*facts_.shipped];
    TENBIN_CHECK(files_.write_durable(path("model.onnx"), a.bytes));
    recorder_->artefact("model", path("model.onnx"), a.model.sha256, a.model.size);
    recorder_->decision("shipped", a.trial.recipe.name(), shrink_verdict(facts_));
    facts_.outcome = "shipped";
    for (std::size_t i = 0; i < facts_.attempts.size(); ++i) {
      Attempt& other = facts_.attempts[i];
      if (i != *facts_.shipped && other.why_not.empty()) {
        other.why_not = "gains less than what is shipped";
      }
    }
    return {};
  }
  if (files_.exists(path("model.onnx"))) TENBIN_CHECK(files_.remove(path("model.onnx")));
  for (Attempt& a : facts_.attempts) {
    if (a.why_not.empty()) a.why_not = "gains too little to be worth a proof";
  }
  facts_.outcome = interrupted() ? "interrupted" : "not_proven";
  facts_.exit_code = interrupted() ? 130 : 5;
  facts_.reason = shrink_document(facts_)["nearest"].as_string();
  recorder_->decision("shipped", "nothing", facts_.reason);
  return {};
}

Result<ShrinkOutcome> Shrink::close() {
  facts_.totals = recorder_->so_far();
  begin_stage("report");
  ShrinkOutcome outcome;
  outcome.document = shrink_document(facts_);
  outcome.exit_code = facts_.exit_code;
  outcome.reason = facts_.reason;
  TENBIN_CHECK(files_.write_durable(path("result.json"), outcome.document.dump(1) + "\n"));
  TENBIN_CHECK(files_.write_durable(path("report.html"), shrink_html(outcome.document)));
  stage_.reset();
  const char* status = facts_.exit_code == 0   ? "done"
                       : facts_.exit_code == 5 ? "budget"
                                               : "interrupted";
  TENBIN_CHECK(recorder_->finish(status, facts_.exit_code, facts_.reason));
  meter_->stop();
  return outcome;
}

Result<ShrinkOutcome> Shrink::work() {
  begin_stage("read");
  TENBIN_CHECK(read());
  begin_stage("try");
  TENBIN_CHECK(search());
  begin_stage("prove");
  if (!interrupted()) TENBIN_CHECK(put_to_proof());
  TENBIN_CHECK(conclude());
  return close();
}

Result<ShrinkOutcome> Shrink::run() {
  TENBIN_CHECK(open());
  auto outcome = work();
  if (outcome.ok()) return outcome;
  stage_.reset();
  const Error& error = outcome.error();
  (void)recorder_->finish("failed", exit_code(error.cause()), error.message()).ok();
  meter_->stop();
  return outcome;
}

}  // namespace

Result<ShrinkOutcome> shrink(const ShrinkOptions& options, FileSystem& files, Clock& clock,
                             FitObserver& observer) {
  return Shrink(options, files, clock, observer).run();
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/shrink.h"

#include <algorithm>

#include "app/fit/pace.h"
#include "app/folder_run.h"
#include "app/meter_command.h"
#include "app/predict.h"
#include "app/report/shrink_report.h"
#include "app/shrink/beside.h"
#include "app/shrink/candidates.h"
#include "app/shrink/document.h"
#include "app/shrink/trial_store.h"
#include "app/shrink/trials.h"
#include "base/limits.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/process.h"

namespace tenbin {
namespace {

class Shrink {
 public:
  Shrink(const ShrinkOptions& options, FileSystem& files, Clock& clock, FitObserver& observer)
      : options_(options), files_(files), clock_(clock), observer_(observer) {}
  Result<ShrinkOutcome> run();

 private:
  Status check_options();
  Status open();
  Status read();
  Status weigh_original();
  Status search();
  std::string resume_key() const;
  void note(Attempt attempt);
  Status put_to_proof();
  void compare(const Attempt& shipped);
  Status conclude();
  Status keep_original();
  Status set_aside_older();
  Result<ShrinkOutcome> work();
  Result<ShrinkOutcome> close();
  Status may_go_on();

  const ShrinkOptions& options_;
  FileSystem& files_;
  Clock& clock_;
  FitObserver& observer_;
  Limits budget_, goals_;
  std::unique_ptr<FolderRun> run_;
  std::optional<BudgetWatch> search_watch_, whole_watch_;
  Model model_;
  std::optional<ShrinkRows> rows_;
  std::optional<TrialStore> store_;
  std::unique_ptr<Trials> trials_;
  std::unique_ptr<Candidates> candidates_;
  ShrinkState state_;
  ShrinkFacts facts_;
};

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
  if (options_.budget_left) {
    budget_ = *options_.budget_left;
  } else {
    TENBIN_TRY(budget_, parse_budget(options_.budget));
  }
  TENBIN_TRY(goals_, parse_limits(options_.limit));
  if (goals_.has_budget()) {
    return Error(ErrorCode::kBadValue, "time, energy, money and co2e of the search are a budget",
                 "--limit", "give them as --budget 10min,20kJ; --limit bounds the result");
  }
  return options_.prices.check(budget_.money);
}

Status Shrink::open() {
  TENBIN_CHECK(check_options());
  TENBIN_TRY(model_, read_named_model(options_.model, files_));
  TENBIN_CHECK(files_.info(options_.data));
  ShrinkOptions copy = options_;
  FolderRunRequest request;
  request.kind = "shrink";
  request.name = std::string(file_name(options_.model));
  request.folder = options_.output;
  request.command = options_.command;
  request.options = options_json(described(copy));
  request.seed = static_cast<std::uint64_t>(options_.seed);
  request.threads = options_.threads;
  request.prices = options_.prices;
  request.meter = options_.meter;
  TENBIN_TRY(run_, FolderRun::begin(request, files_, clock_, observer_));
  const Duration started = run_->recorder().started();
  search_watch_.emplace(budget_, options_.prices, run_->meter(), clock_, started);
  search_watch_->keep_back(closing_share(budget_, options_.prices));
  whole_watch_.emplace(budget_, options_.prices, run_->meter(), clock_, started);
  facts_.options = &options_;
  facts_.meter = run_->meter().describe();
  facts_.cpu = run_->machine().cpu_model;
  facts_.engine_version = TENBIN_VERSION;
  facts_.measured = utc_text(clock_.wall_now_ns());
  return {};
}

Status Shrink::weigh_original() {
  const ChosenEngine& engine = trials_->original();
  facts_.original_engine = engine.name;
  facts_.original_why = engine.why;
  facts_.notes.insert(facts_.notes.end(), engine.notes.begin(), engine.notes.end());
  facts_.original.macs = candidates_->macs();
  facts_.original.parameters = candidates_->parameters();
  const Comparison itself = trials_->itself();
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
  run_->stage().add_items(rows_->count());
  TENBIN_TRY(const std::string bytes, files_.read_text(options_.model, limits::kModelBytes));
  facts_.original.size = Bytes{static_cast<std::int64_t>(bytes.size())};
  facts_.original.sha256 = sha256_hex(bytes);
  store_.emplace(files_, options_.output, resume_key(), options_.resume);
  const StopQuestion question([this] { return may_go_on(); });
  const CandidateSource source{options_, model_,    *rows_,  *run_,   *search_watch_,
                               clock_,   observer_, *store_, question};
  TENBIN_TRY(trials_, Trials::open(source, files_));  // says first what no engine can run
  TENBIN_TRY(candidates_, candidates_of(source));
  for (const std::string& why : candidates_->allow(state_)) {
    observer_.tell(why);
    facts_.notes.push_back(why);
  }
  return weigh_original();
}

// What a resumed run must have in common with the one that was stopped.
std::string Shrink::resume_key() const {
  const ShrinkOptions& o = options_;
  return facts_.original.sha256 + "|" + o.data + "|" + o.target + "|" +
         std::to_string(rows_->count()) + "|" + std::to_string(o.seed) + "|" +
         OptionText<ShrinkGoal>::print(o.goal) + "|" + std::to_string(o.batch) + "|" +
         std::to_string(run_->threads()) + "|" + TENBIN_VERSION;
}

// Tells of an attempt and keeps it.
void Shrink::note(Attempt a) {
  const std::string name = a.trial.recipe.name();
  run_->recorder().emit({"trial", name, clock_.steady_now() - a.took, clock_.steady_now(), 1},
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

Status Shrink::search() {
  state_.goal = options_.goal;
  state_.max_drop = options_.max_drop.value;
  facts_.stopped = "what is worth trying was tried";
  while (const auto recipe = next_recipe(state_)) {
    if (const auto why = search_watch_->exceeded()) {
      facts_.stopped = *why;
      break;
    }
    if (auto known = store_->find(*recipe)) {
      note(std::move(*known));
      continue;
    }
    auto tried = trials_->attempt(*recipe, *candidates_, facts_.original.size);
    if (!tried.ok()) {
      facts_.stopped = tried.error().message();
      break;
    }
    TENBIN_CHECK(store_->keep(*tried));
    note(std::move(*tried));
  }
  if (facts_.attempts.empty()) {
    return Error(interrupted() ? ErrorCode::kInterrupted : ErrorCode::kBudgetExceeded,
                 "nothing could be tried: " + facts_.stopped, "--budget",
                 "allow more; a proof alone takes some seconds");
  }
  return {};
}

Status Shrink::put_to_proof() {
  const auto order = worth_proving(state_);
  for (const std::size_t i : order) {
    Attempt& a = facts_.attempts[i];
    Promise promise = promise_of(options_, goals_, run_->threads());
    // Each further try is another chance to be lucky (Bonferroni).
    promise.confidence = 1 - 0.05 / static_cast<double>(order.size());
    auto proof = trials_->prove(a, promise, facts_.original.size);
    if (!proof.ok()) {
      a.why_not = "not proven: " + proof.error().message();
      facts_.notes.push_back(a.trial.recipe.name() + ": " + a.why_not);
      break;
    }
    a.proof = std::move(*proof);
    if (!a.proof->holds()) {
      a.why_not.clear();
      for (const std::string& failure : a.proof->failures) {
        a.why_not += (a.why_not.empty() ? "" : "; ") + failure;
      }
      observer_.tell(a.trial.recipe.name() + " is not proven: " + a.why_not);
      continue;
    }
    a.why_not.clear();
    facts_.shipped = i;
    facts_.confidence = promise.confidence;
    compare(a);
    break;
  }
  return {};
}

// Beside what is proven, only told: where time goes, and the same two files in the other engine.
// That it cannot be had takes nothing away from the proof.
void Shrink::compare(const Attempt& a) {
  const Trials::Difference difference = trials_->compare_time(a);
  facts_.before = difference.before;
  facts_.after = difference.after;
  auto beside = measure_beside({options_.model, a.bytes, run_->threads(), options_.batch}, *rows_,
                               files_, run_->meter(), clock_, [this] { return may_go_on(); });
  if (beside.ok()) {
    facts_.beside = std::move(*beside);
  } else {
    facts_.beside.engine = "onnxruntime";
    facts_.beside.reason = beside.error().message();
  }
}

// What an earlier run shipped into this folder is not ours to delete.
Status Shrink::set_aside_older() {
  if (!files_.exists(run_->path("model.onnx"))) return {};
  TENBIN_CHECK(files_.rename(run_->path("model.onnx"), run_->path("model.before.onnx")));
  facts_.notes.push_back("the model.onnx of an earlier run is now model.before.onnx");
  return {};
}

// The original goes beside the result, so that the folder alone can be verified.
Status Shrink::keep_original() {
  TENBIN_TRY(const std::string bytes, files_.read_text(options_.model, limits::kModelBytes));
  if (sha256_hex(bytes) != facts_.original.sha256) {
    return Error(ErrorCode::kBadModel, "the file was changed while its model was shrunk",
                 options_.model, "run tenbin shrink again");
  }
  return files_.write_durable(run_->path("original.onnx"), bytes);
}

Status Shrink::conclude() {
  if (facts_.shipped) {
    TENBIN_CHECK(keep_original());
    const Attempt& a = facts_.attempts[*facts_.shipped];
    TENBIN_CHECK(files_.write_durable(run_->path("model.onnx"), a.bytes));
    run_->recorder().artefact("model", run_->path("model.onnx"), a.model.sha256, a.model.size);
    run_->recorder().decision("shipped", a.trial.recipe.name(), shrink_verdict(facts_));
    facts_.outcome = "shipped";
    for (std::size_t i = 0; i < facts_.attempts.size(); ++i) {
      Attempt& other = facts_.attempts[i];
      if (i != *facts_.shipped && other.why_not.empty()) {
        other.why_not = "gains less than what is shipped";
      }
    }
    return {};
  }
  for (Attempt& a : facts_.attempts) {
    if (a.why_not.empty()) a.why_not = "gains too little to be worth a proof";
  }
  facts_.outcome = interrupted() ? "interrupted" : "not_proven";
  facts_.exit_code = interrupted() ? 130 : 5;
  facts_.reason = shrink_document(facts_)["nearest"].as_string();
  run_->recorder().decision("shipped", "nothing", facts_.reason);
  if (interrupted()) return {};
  TENBIN_CHECK(keep_original());
  return set_aside_older();
}

Result<ShrinkOutcome> Shrink::close() {
  facts_.totals = run_->recorder().so_far();
  run_->begin_stage("report");
  ShrinkOutcome outcome;
  outcome.document = shrink_document(facts_);
  outcome.exit_code = facts_.exit_code;
  outcome.reason = facts_.reason;
  // An interrupted run leaves the proof of an earlier one as it stands.
  const bool keeps = facts_.outcome == "interrupted" && files_.exists(run_->path("model.onnx"));
  if (!keeps) {
    const std::string result = outcome.document.dump(1) + "\n";
    TENBIN_CHECK(files_.write_durable(run_->path("result.json"), result));
    TENBIN_CHECK(files_.write_durable(run_->path("report.html"), shrink_html(outcome.document)));
  }
  if (facts_.outcome != "interrupted") store_->clear();
  TENBIN_CHECK(run_->finish(facts_.exit_code, facts_.reason));
  return outcome;
}

Result<ShrinkOutcome> Shrink::work() {
  run_->begin_stage("read");
  TENBIN_CHECK(read());
  run_->begin_stage("try");
  TENBIN_CHECK(search());
  run_->begin_stage("prove");
  if (!interrupted()) TENBIN_CHECK(put_to_proof());
  TENBIN_CHECK(conclude());
  return close();
}

Result<ShrinkOutcome> Shrink::run() {
  TENBIN_CHECK(open());
  auto outcome = work();
  if (!outcome.ok()) run_->fail(outcome.error());
  return outcome;
}

}  // namespace

Result<ShrinkOutcome> shrink(const ShrinkOptions& options, FileSystem& files, Clock& clock,
                             FitObserver& observer) {
  return Shrink(options, files, clock, observer).run();
}

}  // namespace tenbin

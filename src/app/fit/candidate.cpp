// SPDX-License-Identifier: Apache-2.0
#include "app/fit/candidate.h"

#include <algorithm>

#include "app/fit/pace.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/memory.h"
#include "platform/process.h"

namespace tenbin {
namespace {

std::string checkpoint_path(const LearnContext& c, std::size_t candidate) {
  return join_path(c.options.output, "checkpoint-" + std::to_string(candidate) + ".bin");
}

// Events of one candidate, under its name, with what its last report said.
class CandidateEvents : public EventSink {
 public:
  CandidateEvents(RunRecorder& recorder, std::string name)
      : recorder_(recorder), name_(std::move(name)) {}
  void emit(const Event& event) override {
    Event mine = event;
    mine.name = name_ + ", " + event.name;
    recorder_.emit(mine, event.what == "epoch" ? values_ : Json());
  }
  void take(const EpochReport& report, const std::string& score_name) {
    values_ = Json::object({{"loss", report.train_loss}, {"rate", report.learning_rate}});
    if (report.valid_loss) values_.set("valid_loss", *report.valid_loss);
    if (report.valid_score) values_.set("valid_" + score_name, *report.valid_score);
  }

 private:
  RunRecorder& recorder_;
  std::string name_;
  Json values_;
};

}  // namespace

Bytes plan_memory(const Candidate& candidate, const LearnContext& c, Bytes more) {
  if (!c.limits.memory) return Bytes{0};
  // Of a checkpoint (three each time it is copied), of the best, of what is exported.
  constexpr std::int64_t kWeightCopies = 26;
  constexpr std::int64_t kOther = 8 << 20;  // [B] kernels' code, answers
  std::int64_t weights = 0;
  for (const auto& [name, tensor] : candidate.graph.initializers) {
    weights += static_cast<std::int64_t>(tensor.byte_size());
  }
  give_back_memory();
  const std::int64_t held = resident_memory_of_self(c.files, "/proc");
  return Bytes{std::max<std::int64_t>(
      1, c.limits.memory->count - held - kWeightCopies * weights - kOther - more.count)};
}

namespace {

// As train(), within the memory limit, with the places of its errors.
Result<TrainResult> train_within_memory(const Candidate& candidate, Streams& streams,
                                        const std::string& checkpoint, const TrainHooks& hooks,
                                        const std::string& resume, const LearnContext& c) {
  TrainOptions training = candidate.training;
  training.memory = plan_memory(candidate, c);
  auto result = train(candidate.graph, *streams.train, *streams.valid, training, hooks, resume);
  give_back_memory();  // the plan's, for what follows
  if (!result.ok() && result.error().code() == ErrorCode::kBadCheckpoint) {
    return Error(result.error()).at(checkpoint);
  }
  if (!result.ok() && result.error().code() == ErrorCode::kLimitNotMet) {
    return Error(result.error()).at("--memory");
  }
  if (result.ok() && result->steps_run_again > 0) {
    const std::string why = "the plan takes " + to_text(result->plan_bytes) + " and computes " +
                            std::to_string(result->steps_run_again) +
                            " steps twice, to stay within " + to_text(*c.limits.memory);
    c.observer.tell(candidate.name + ": " + why);
    c.recorder.decision("memory", candidate.name, why);
  }
  return result;
}

}  // namespace

TrainOptions base_training(const Prepared& p, const FitOptions& options, int threads) {
  TrainOptions t;
  t.loss = p.target.classifies() ? Loss::kSoftmaxCrossEntropy : Loss::kMeanSquaredError;
  t.seed = static_cast<std::uint64_t>(options.seed);
  t.threads = threads;
  t.precision = options.precision;
  return t;
}

Result<TrainResult> train_candidate(const Candidate& candidate, std::size_t number,
                                    Streams& streams, const Prepared& p, const LearnContext& c,
                                    const Answers& valid, std::vector<double>& joules) {
  TrainHooks hooks;
  CandidateEvents events(c.recorder, candidate.name);
  const std::string score_name = score_name_of(p.target);
  std::optional<double> last, best;
  std::vector<Duration> epochs_ended;
  const Duration began = c.clock.steady_now();
  hooks.should_stop = [&] { return c.watch.exceeded(); };
  hooks.interrupted = [] { return interrupted(); };
  hooks.score = scorer(p.target, valid);
  PaceKeeper pace(pace_budget(c));
  if (p.images) {  // tables take seconds: their candidates share the budget instead
    hooks.affordable_steps = [&](std::int64_t step) { return pace.affordable_steps(step); };
  }
  hooks.progress = [&](const EpochReport& report, bool finished) {
    if (report.valid_score) last = report.valid_score;
    if (last && (!best || *last > *best)) best = last;
    FitProgress now{candidate.name,
                    report.epoch,
                    candidate.training.epochs,
                    0,
                    report.train_loss,
                    last,
                    best,
                    score_name,
                    report.rows_per_second,
                    c.meter.so_far(),
                    {},
                    finished};
    now.done = report.done;
    if (now.done > 0.01) {
      const double spent = in_seconds(c.clock.steady_now() - began);
      now.eta = seconds(spent / now.done * (1 - now.done));
    }
    if (finished) epochs_ended.push_back(c.clock.steady_now());
    if (finished) events.take(report, score_name);
    c.observer.progress(now);
  };
  hooks.save = [&](std::span<const std::byte> bytes) {
    return c.files.write_durable(checkpoint_path(c, number), bytes);
  };
  hooks.events = &events;
  std::string resume;
  if (c.options.resume && c.files.exists(checkpoint_path(c, number))) {
    TENBIN_TRY(resume, c.files.read_text(checkpoint_path(c, number), std::int64_t{4} << 30));
    c.observer.tell("resuming " + candidate.name + " from " + checkpoint_path(c, number));
  }
  auto result =
      train_within_memory(candidate, streams, checkpoint_path(c, number), hooks, resume, c);
  joules = joules_until(c.meter, epochs_ended);
  return result;
}

void keep_better(Learned& best, bool& has_best, Candidate& candidate, TrainResult result,
                 std::vector<double> joules, Tried tried, const std::string& why) {
  bool better = true;  // what was not scored (an empty optional) is less than what was
  for (const Tried& other : best.tried) {
    const bool finer = tried.valid_score == other.valid_score && tried.valid_loss &&
                       other.valid_loss && *tried.valid_loss < *other.valid_loss;
    better = better && (tried.valid_score > other.valid_score || finer);
  }
  best.tried.push_back(std::move(tried));
  if (!better) return;
  has_best = true;
  best.network = result.best;
  best.name = candidate.name;
  best.why = why;
  best.training = candidate.training;
  best.batch = candidate.batch;
  best.result = std::move(result);
  best.curve_joules = std::move(joules);
}

std::optional<double> best_score(const TrainResult& result) {
  std::optional<double> best;
  for (const EpochReport& report : result.curve) {
    best = std::max(best, std::optional(report.valid_score.value_or(-report.train_loss)));
  }
  return best;
}

std::optional<double> best_loss(const TrainResult& result) {
  for (const EpochReport& report : result.curve) {
    if (report.epoch == result.best_epoch) return report.valid_loss;
  }
  return std::nullopt;
}

}  // namespace tenbin

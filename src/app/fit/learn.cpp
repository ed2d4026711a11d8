// SPDX-License-Identifier: Apache-2.0
#include "app/fit/learn.h"

#include <algorithm>
#include <cmath>

#include "app/fit/answers.h"
#include "app/fit/learn_folds.h"
#include "app/fit/learn_trees.h"
#include "app/fit/pace.h"
#include "app/fit/prove.h"
#include "app/fit/table_rows.h"
#include "data/streams/streams.h"
#include "engine/inference_plan.h"
#include "engine/score.h"
#include "graph/nets/nets.h"
#include "plan/fit_plan.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/process.h"

namespace tenbin {
namespace {

constexpr std::int64_t kWide = 2'000;  // features: words of a text, learned in few passes
constexpr int kFoldCost = 6;  // of cross-validation, in times of the single pass over learners
constexpr std::int64_t kLeastEpochs = 8;            // of a network of images, to be worth its size
constexpr std::int64_t kWorthAThread = 30'000'000;  // MACs of a step

struct Candidate {
  std::string name;
  Graph graph;
  std::int64_t batch = 128;
  TrainOptions training;
};

TrainOptions base_training(const Prepared& p, const LearnContext& c) {
  TrainOptions t;
  t.loss = p.target.classifies() ? Loss::kSoftmaxCrossEntropy : Loss::kMeanSquaredError;
  t.seed = static_cast<std::uint64_t>(c.options.seed);
  t.threads = c.threads;
  t.precision = c.options.precision;
  return t;
}

Result<std::vector<Candidate>> image_candidates(const Prepared& p, const LearnContext& c) {
  const Shape& shape = p.features.feature_shape;
  TrainOptions t = base_training(p, c);
  t.learning_rate = 2e-3;
  t.weight_decay = 2e-2;
  t.patience = 6;
  struct Row {
    const char* name;
    std::vector<CnnStage> stages;
    std::int64_t dense;
    float dropout;
  };
  const Row rows[] = {
      {"cnn 32x2-64x2-128, dense 256", {{32, 2}, {64, 2}, {128, 1}}, 256, 0.3F},
      {"cnn 32x2-64x2, dense 128", {{32, 2}, {64, 2}}, 128, 0.3F},
      {"cnn 32-64, dense 128", {{32, 1}, {64, 1}}, 128, 0.3F},
      {"cnn 16-32, dense 64", {{16, 1}, {32, 1}}, 64, 0.2F},
      {"cnn 8-16, dense 32", {{8, 1}, {16, 1}}, 32, 0.1F},
  };
  std::vector<Candidate> out;
  for (const Row& row : rows) {
    CnnShape net;
    net.stages = row.stages;
    net.dense = {row.dense};
    net.batch_norm = true;
    net.dense_dropout = row.dropout;
    TENBIN_TRY(Graph graph,
               make_cnn(shape[0], shape[1], shape[2], p.target.classes(), net, t.seed));
    out.push_back({row.name, std::move(graph), 128, t});
  }
  return out;
}

Result<std::vector<Candidate>> table_candidates(const Prepared& p, const LearnContext& c) {
  const std::int64_t width = p.features.width();
  const auto rows = static_cast<std::int64_t>(p.cleaning.train.size());
  const std::int64_t outputs = p.target.classifies() ? p.target.classes() : 1;
  TrainOptions t = base_training(p, c);
  t.epochs = c.options.epochs > 0 ? c.options.epochs : (rows < 5'000 && width <= kWide ? 120 : 30);
  t.patience = std::max<std::int64_t>(5, t.epochs / 5);
  t.weight_decay = 5e-2;
  const std::int64_t batch = std::clamp<std::int64_t>(rows / 24, 8, 256);
  std::vector<Candidate> out;
  struct Row {
    const char* name;
    std::vector<std::int64_t> hidden;
    float dropout;
    double rate;
  };
  for (const Row& row : {Row{"linear", {}, 0, 5e-3}, Row{"mlp 64-32", {64, 32}, 0.1F, 2e-3},
                         Row{"mlp 256-128", {256, 128}, 0.3F, 1e-3}}) {
    if (width > kWide && row.hidden.size() == 2 && row.hidden[0] > 64) continue;
    TrainOptions mine = t;
    mine.learning_rate = row.rate;
    // Below some millions of operations a step, a second thread costs more than it gives.
    const std::int64_t first = row.hidden.empty() ? outputs : row.hidden.front();
    if (width * first * batch < kWorthAThread) mine.threads = 1;
    TENBIN_TRY(Graph graph, make_mlp(width, row.hidden, outputs, t.seed, row.dropout));
    out.push_back({row.name, std::move(graph), batch, mine});
  }
  return out;
}

// Time of a training step and of one prediction, measured on the untrained network.
Result<NetworkProfile> profile_network(const Candidate& candidate, const Prepared& p,
                                       Clock& clock) {
  NetworkProfile out;
  out.name = candidate.name;
  TENBIN_TRY(const auto plan,
             TrainPlan::compile(candidate.graph, candidate.batch, candidate.training));
  Shape shape = p.features.feature_shape;
  const auto row = static_cast<std::size_t>(count_of(shape));
  const std::vector<float> features(row * static_cast<std::size_t>(candidate.batch), 0.5F);
  const std::vector<std::int64_t> labels(static_cast<std::size_t>(candidate.batch), 0);
  const Batch batch{candidate.batch, features, labels, {}, {}};
  plan->step(batch, 0);
  // Half way between the pace with the cores to itself (CPU time) and the best that neighbours let
  // through now: they may go or stay, and the schedule follows the pace as it turns out.
  constexpr int kSteps = 6;
  Duration fastest = Duration::max();
  const Duration cpu_began = clock.process_cpu();
  for (int i = 0; i < kSteps; ++i) {
    const Duration began = clock.steady_now();
    plan->step(batch, 0);
    fastest = std::min(fastest, clock.steady_now() - began);
  }
  const Duration alone = (clock.process_cpu() - cpu_began) / kSteps / candidate.training.threads;
  const auto steps = static_cast<std::int64_t>(p.cleaning.train.size()) / candidate.batch + 1;
  out.per_epoch = (alone + fastest) / 2 * steps;
  std::int64_t weights = 0;
  for (const auto& [name, tensor] : candidate.graph.initializers) {
    weights += static_cast<std::int64_t>(tensor.byte_size());
  }
  out.size = Bytes{weights};
  TENBIN_TRY(const auto single, InferencePlan::compile(candidate.graph, 1, 1));
  std::vector<float> answer(static_cast<std::size_t>(count_of(single->output_shape())));
  const auto request = [&]() -> Status {
    single->run(std::span(features).first(row), answer);
    return {};
  };
  for (int i = 0; i < 20; ++i) TENBIN_CHECK(request());
  TENBIN_TRY(const Latency latency,
             sample_latency(request, clock, {400, 100, 1s}, [] { return true; }));
  out.p50 = latency.p50;
  out.p99 = latency.p99;
  return out;
}

std::string checkpoint_path(const LearnContext& c, std::size_t candidate) {
  return join_path(c.options.output, "checkpoint-" + std::to_string(candidate) + ".bin");
}

struct Streams {
  std::unique_ptr<BatchStream> train, valid;
};

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

// Trains one candidate under the budget, telling progress.
Result<TrainResult> train_candidate(const Candidate& candidate, std::size_t number,
                                    Streams& streams, const Prepared& p, const LearnContext& c,
                                    const Answers& valid, std::vector<double>& joules) {
  TrainHooks hooks;
  CandidateEvents events(c.recorder, candidate.name);
  const std::string score_name = score_name_of(p.target);
  std::optional<double> last, best;
  const Duration began = c.clock.steady_now();
  hooks.should_stop = [&] { return c.watch.exceeded(); };
  hooks.interrupted = [] { return interrupted(); };
  hooks.score = scorer(p.target, valid);
  PaceKeeper pace(c);
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
    if (finished) joules.push_back(in_joules(now.energy.at_most()));
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
      train(candidate.graph, *streams.train, *streams.valid, candidate.training, hooks, resume);
  if (!result.ok() && result.error().code() == ErrorCode::kBadCheckpoint) {
    return Error(result.error()).at(checkpoint_path(c, number));
  }
  return result;
}

std::int64_t most_epochs(const LearnContext& c) {
  return c.options.epochs > 0 ? c.options.epochs : 24;
}

// The choice of an earlier run, so that --resume goes on with the same network and schedule.
std::string plan_path(const LearnContext& c) { return join_path(c.options.output, "plan.json"); }

Result<NetworkChoice> choose_image_network(std::vector<Candidate>& candidates, const Prepared& p,
                                           const LearnContext& c) {
  if (c.options.resume && c.files.exists(plan_path(c))) {
    TENBIN_TRY(const std::string text, c.files.read_text(plan_path(c), 1 << 20));
    TENBIN_TRY(const Json plan, Json::parse(text));
    NetworkChoice choice;
    choice.index = static_cast<std::size_t>(plan["candidate"].as_integer());
    choice.epochs = plan["epochs"].as_integer(1);
    choice.why = plan["why"].as_string() + " (as planned before the stop)";
    if (choice.index < candidates.size()) return choice;
  }
  std::vector<NetworkProfile> profiles;
  for (const Candidate& candidate : candidates) {
    TENBIN_TRY(NetworkProfile one, profile_network(candidate, p, c.clock));
    profiles.push_back(std::move(one));
  }
  const TrainingBudget budget = training_time_left(c);
  // A tenth is kept for what a step count cannot see: validation and checkpoints.
  TrainingBudget careful = budget;
  if (careful.time) careful.time = *careful.time * 9 / 10;
  const std::int64_t most = most_epochs(c);
  const NetworkChoice choice =
      choose_network(profiles, c.limits, careful, std::min(kLeastEpochs, most), most);
  const Json plan = Json::object({{"candidate", static_cast<std::int64_t>(choice.index)},
                                  {"epochs", choice.epochs},
                                  {"why", choice.why}});
  TENBIN_CHECK(c.files.write_durable(plan_path(c), plan.dump(2) + "\n"));
  return choice;
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

// The loss of the epoch whose weights were kept.
std::optional<double> best_loss(const TrainResult& result) {
  for (const EpochReport& report : result.curve) {
    if (report.epoch == result.best_epoch) return report.valid_loss;
  }
  return std::nullopt;
}

Result<Learned> learn_images(const Prepared& p, const LearnContext& c) {
  TENBIN_TRY(auto candidates, image_candidates(p, c));
  const auto scale = pixel_scale(p.features);
  const Column* images = p.data.table.find(p.features.fragment.inputs.front().name);
  if (!scale || images == nullptr) return Error(ErrorCode::kBug, "image features without a scale");
  TENBIN_TRY(const NetworkChoice choice, choose_image_network(candidates, p, c));
  c.observer.tell("network: " + choice.why);
  c.recorder.decision("network", candidates[choice.index].name, choice.why);
  Candidate& candidate = candidates[choice.index];
  // The most that is trained; how far a budget goes is asked while it goes.
  candidate.training.epochs = most_epochs(c);
  const Answers train_answers = answers_of(p.target, p.cleaning.train, {});
  const Answers valid_answers = answers_of(p.target, p.split.valid, {});
  const Shape image_shape(images->images.shape().begin() + 1, images->images.shape().end());
  Augmentation augmentation;
  augmentation.shift = image_shape[0] >= 16 ? 2 : 1;
  const auto pixels = images->images.data<std::uint8_t>();
  candidate.training.data = digest_of(std::as_bytes(pixels), train_answers);
  Streams streams;
  streams.train =
      image_stream(pixels, image_shape, p.cleaning.train, train_answers.targets(), *scale,
                   augmentation, {candidate.batch, true, candidate.training.seed, false});
  streams.valid = image_stream(pixels, image_shape, p.split.valid, valid_answers.targets(), *scale,
                               {}, {candidate.batch, false, 1, false});
  Learned learned;
  const Duration began = c.meter.sample();
  std::vector<double> joules;
  TENBIN_TRY(TrainResult result,
             train_candidate(candidate, choice.index, streams, p, c, valid_answers, joules));
  const Duration end = c.meter.sample();
  Tried tried{candidate.name,
              choice.why,
              best_score(result),
              static_cast<std::int64_t>(result.curve.size()),
              end - began,
              c.meter.between(began, end),
              true,
              "cnn"};
  bool has_best = false;
  keep_better(learned, has_best, candidate, std::move(result), std::move(joules), tried,
              choice.why);
  return learned;
}

// A network that diverges is no candidate; its error stays for the case that none is left.
Status try_networks(const TableRows& rows, const Prepared& p, const LearnContext& c,
                    Learned& learned, bool& has_best, std::optional<Error>& failure) {
  TENBIN_TRY(auto candidates, table_candidates(p, c));
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i > 0 && (interrupted() || c.watch.exceeded())) break;
    Candidate& candidate = candidates[i];
    candidate.training.data = rows.digest;
    Streams streams;
    TENBIN_TRY(streams.train, training_stream(rows, p, c, candidate.batch));
    streams.valid = dense_stream(rows.valid_features.data<float>(), p.features.feature_shape,
                                 rows.valid.targets(), {candidate.batch, false, 1, false});
    const Duration began = c.meter.sample();
    std::vector<double> joules;
    auto result = train_candidate(candidate, i, streams, p, c, rows.valid, joules);
    const Duration end = c.meter.sample();
    if (!result.ok()) {
      failure = result.error();
      if (result.error().code() != ErrorCode::kNonFinite) return result.error();
      continue;
    }
    Tried tried{candidate.name,
                "tried on validation",
                best_score(*result),
                static_cast<std::int64_t>(result->curve.size()),
                end - began,
                c.meter.between(began, end),
                false};
    tried.valid_loss = best_loss(*result);
    keep_better(learned, has_best, candidate, std::move(result).value(), std::move(joules), tried,
                "best on validation");
  }
  return {};
}

Status try_all_trees(const TableRows& rows, const Prepared& p, const LearnContext& c,
                     Learned& learned, bool& has_best) {
  for (const TreeCandidate& candidate : tree_candidates(p, c)) {
    if (has_best && (interrupted() || c.watch.exceeded())) break;
    TENBIN_TRY(TreesTried trees, try_trees(candidate, rows.train_features, rows.valid_features,
                                           rows.train, rows.valid, p, c));
    Candidate shown;
    shown.name = candidate.name;
    shown.batch = static_cast<std::int64_t>(p.cleaning.train.size());
    shown.training = base_training(p, c);
    shown.training.learning_rate = candidate.options.learning_rate;
    trees.tried.valid_loss = best_loss(trees.result);
    keep_better(learned, has_best, shown, std::move(trees.result), std::move(trees.joules),
                std::move(trees.tried), "best on validation");
  }
  return {};
}

// A network that learns from any rows as `candidate` does, stopping by the loss alone.
FoldLearner network_learner(const Candidate& candidate, const Prepared& p, const LearnContext& c) {
  return {candidate.name,
          [&c, &p, candidate](const RowSet& train, const RowSet& valid) -> Result<Graph> {
            const Shape& shape = p.features.feature_shape;
            const auto training =
                dense_stream(train.features.data<float>(), shape, train.answers.targets(),
                             {candidate.batch, true, candidate.training.seed, false});
            const auto scoring =
                dense_stream(valid.features.data<float>(), shape, valid.answers.targets(),
                             {candidate.batch, false, 1, false});
            TrainHooks hooks;
            hooks.should_stop = [&c] { return c.watch.exceeded(); };
            hooks.interrupted = [] { return interrupted(); };
            hooks.score = [&](std::span<const float> predictions, std::int64_t rows) {
              return -mean_loss(predictions, valid.answers,
                                static_cast<std::int64_t>(predictions.size()) / rows);
            };
            TENBIN_TRY(TrainResult result, tenbin::train(candidate.graph, *training, *scoring,
                                                         candidate.training, hooks));
            switch (result.reason) {
              case StopReason::kBudget: return Error(ErrorCode::kBudgetExceeded, result.detail);
              case StopReason::kInterrupted: return Error(ErrorCode::kInterrupted, result.detail);
              case StopReason::kNonFinite: return Error(ErrorCode::kNonFinite, result.detail);
              default: return std::move(result.best);
            }
          }};
}

// Small tables: one validation split says little about which learner is best, and leaves rows
// unused. Told why when it is not done.
Status try_folds(const TableRows& rows, const Prepared& p, const LearnContext& c,
                 Duration single_pass, Learned& learned) {
  std::string against = reason_against_folds(p, c);
  if (against.empty() && !rows.spool.empty()) against = "the features are read from a file";
  if (against.empty() && (interrupted() || c.watch.exceeded())) against = "the run is to end";
  const TrainingBudget budget = training_time_left(c);
  if (against.empty() && budget.time && *budget.time < kFoldCost * single_pass) {
    against = "it would take " + to_text(kFoldCost * single_pass) + ", more than is left";
  }
  if (!against.empty()) {
    c.observer.tell("no cross-validation: " + against);
    return {};
  }
  std::vector<FoldLearner> learners;
  TENBIN_TRY(const auto networks, table_candidates(p, c));
  for (const Candidate& candidate : networks) learners.push_back(network_learner(candidate, p, c));
  for (const TreeCandidate& candidate : tree_candidates(p, c)) {
    learners.push_back(
        {candidate.name, [&p, &c, candidate](const RowSet& train, const RowSet& valid) {
           return fit_tree_graph(candidate, train, valid, p, c);
         }});
  }
  return improve_by_folds(learners, {rows.train_features, rows.train},
                          {rows.valid_features, rows.valid}, p, c, learned);
}

Result<Learned> learn_table(const Prepared& p, const LearnContext& c) {
  Learned learned;
  learned.scale = scale_of(p.target, p.cleaning.train);
  const Duration began = c.clock.steady_now();
  TENBIN_TRY(const TableRows rows, table_rows(p, c, learned.scale));
  const SpoolRemover remover(c.files, rows.spool);
  bool has_best = false;
  std::optional<Error> failure;
  TENBIN_CHECK(try_networks(rows, p, c, learned, has_best, failure));
  if (c.options.resume) {
    c.observer.tell("trees and cross-validation start again: the same seed gives the same ones");
  }
  TENBIN_CHECK(try_all_trees(rows, p, c, learned, has_best));
  if (!has_best) return *failure;
  for (Tried& tried : learned.tried) {
    tried.chosen = tried.name == learned.name;
    learned.trees = learned.trees || (tried.chosen && tried.learner == "trees");
    learned.probabilities = learned.trees && p.target.classifies();
    char score[64] = "not known, stopped in its first epoch";
    if (tried.valid_score) std::snprintf(score, sizeof score, "%.4f", *tried.valid_score);
    c.observer.tell("tried " + tried.name + ": validation " + score_name_of(p.target) + " " +
                    score);
  }
  TENBIN_CHECK(try_folds(rows, p, c, c.clock.steady_now() - began, learned));
  c.observer.tell("learner: " + learned.name + ", " + learned.why);
  c.recorder.decision("learner", learned.name, learned.why);
  return learned;
}

}  // namespace

Result<Learned> learn(const Prepared& prepared, const LearnContext& context) {
  TENBIN_TRY(Learned learned,
             prepared.images ? learn_images(prepared, context) : learn_table(prepared, context));
  learned.score_name = score_name_of(prepared.target);
  return learned;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "app/fit/learn_trees.h"

#include "app/fit/keyed_file.h"
#include "engine/session.h"
#include "platform/clock.h"
#include "platform/file_system.h"
#include "platform/process.h"

namespace tenbin {
namespace {

constexpr std::int64_t kWidest = 2'000;
constexpr std::int64_t kWorthThreads = 1'000'000;  // cells

TreeTask task_of(const Target& target) {
  if (!target.classifies()) return TreeTask::kRegression;
  return target.classes() == 2 ? TreeTask::kBinary : TreeTask::kMulticlass;
}

TreeRows rows_of(const Tensor& features, const Answers& answers, std::int64_t width) {
  TreeRows rows;
  rows.features = features.data<float>();
  rows.columns = static_cast<std::size_t>(width);
  rows.rows = rows.features.size() / rows.columns;
  rows.labels = answers.labels;
  rows.targets = answers.values;
  return rows;
}

Graph graph_of(OpCall call, std::int64_t width, const Target& target) {
  Graph graph;
  graph.inputs = {{"features", ElementType::kFloat32, {-1, width}, true}};
  if (target.classifies()) {
    call.outputs = {"tree_label", "tree_probabilities"};
    graph.outputs = {{"tree_probabilities", ElementType::kFloat32, {-1, target.classes()}, true}};
  } else {
    call.outputs = {"tree_value"};
    graph.outputs = {{"tree_value", ElementType::kFloat32, {-1, 1}, true}};
  }
  graph.nodes = {std::move(call)};
  return graph;
}

Result<double> score_of(const Graph& graph, const Tensor& features, const Answers& valid,
                        const Target& target, int threads) {
  Model model;
  model.opsets["ai.onnx.ml"] = 3;
  model.graph = graph;
  TENBIN_TRY(const auto session, Session::create(model, {threads}));
  const std::vector<Tensor> in = {features};
  TENBIN_TRY(const auto out, session->run(in));
  return scorer(target, valid)(out.back().data<float>(), features.shape()[0]);
}

TrainResult result_of(TreeFit& fit) {
  TrainResult result;
  for (const TreeRound& round : fit.curve) {
    EpochReport report;
    report.epoch = report.step = static_cast<std::int64_t>(result.curve.size()) + 1;
    report.train_loss = round.train_loss;
    report.valid_loss = round.valid_loss;
    report.is_best = report.epoch == fit.best_round;
    result.curve.push_back(report);
  }
  result.steps = static_cast<std::int64_t>(result.curve.size());
  result.best_epoch = fit.best_round;
  if (fit.stopped) {
    result.reason = interrupted() ? StopReason::kInterrupted : StopReason::kBudget;
    result.detail = *fit.stopped;
  } else if (fit.stopped_early) {
    result.reason = StopReason::kEarlyStop;
  }
  return result;
}

// The checkpoints of one candidate: on disk at most one a second, and at a stop.
class TreeKeeper {
 public:
  TreeKeeper(const TreeCandidate& candidate, std::size_t number, const std::string& rows,
             const LearnContext& c)
      : c_(c),
        path_(join_path(c.options.output, "trees-" + std::to_string(number) + ".bin")),
        written_(c.clock.steady_now()) {
    const TreeOptions& o = candidate.options;
    key_ = rows + " " TENBIN_VERSION;
    for (const double part :
         {static_cast<double>(o.rounds), static_cast<double>(o.max_depth), o.learning_rate,
          o.subsample, o.colsample, o.min_child_weight, o.lambda, static_cast<double>(o.early_stop),
          static_cast<double>(o.seed), static_cast<double>(o.threads)}) {
      key_ += " " + std::to_string(part);
    }
  }
  std::string found() const {
    if (!c_.options.resume) return {};
    const auto stored = read_keyed(c_.files, path_, kMagic, key_);
    if (stored) c_.observer.tell("resuming trees from " + path_);
    return stored.value_or("");
  }
  Status keep(const std::string& bytes) {
    last_ = bytes;
    if (c_.clock.steady_now() - written_ < kBetween) return {};
    return write();
  }
  Status write() {
    if (last_.empty()) return {};
    TENBIN_CHECK(write_keyed(c_.files, path_, kMagic, key_, last_));
    last_.clear();
    written_ = c_.clock.steady_now();
    return {};
  }

 private:
  static constexpr std::string_view kMagic = "TNBTREE1";
  static constexpr Duration kBetween = 1s;
  const LearnContext& c_;
  std::string path_, key_, last_;  // last: not on disk yet
  Duration written_;
};

}  // namespace

std::vector<TreeCandidate> tree_candidates(const Prepared& p, const FitOptions& fit, int threads) {
  const std::int64_t width = p.features.width();
  if (width > kWidest || p.features.feature_shape.size() != 1) return {};
  TreeOptions options;
  options.rounds = fit.epochs > 0 ? fit.epochs : 600;
  options.seed = static_cast<std::uint64_t>(fit.seed);
  const auto cells = static_cast<std::int64_t>(p.cleaning.train.size()) * width;
  options.threads = cells < kWorthThreads ? 1 : threads;
  options.learning_rate = 0.05;
  options.max_depth = 3;
  std::vector<TreeCandidate> out = {{"trees of depth 3", options}};
  options.max_depth = 6;
  out.push_back({"trees of depth 6", options});
  return out;
}

Result<TreesTried> try_trees(const TreeCandidate& candidate, std::size_t number,
                             const std::string& rows, const Tensor& train_features,
                             const Tensor& valid_features, const Answers& train,
                             const Answers& valid, const Prepared& p, const LearnContext& c) {
  const std::int64_t width = p.features.width();
  TreesTried out;
  std::vector<Duration> rounds_ended;
  TreeHooks hooks;
  hooks.should_stop = [&]() -> std::optional<std::string> {
    if (rounds_ended.empty()) return {};  // one round, so that there is a model
    if (interrupted()) return "stopped on request";
    return c.watch.exceeded();
  };
  TreeKeeper keeper(candidate, number, rows, c);
  const std::string resume = keeper.found();
  hooks.keep = [&keeper](const std::string& bytes) { return keeper.keep(bytes); };
  const Duration began = c.meter.sample();
  hooks.progress = [&](std::int64_t round, double train_loss, double) {
    FitProgress now;
    now.network = candidate.name;
    now.epoch = round;
    now.epochs = candidate.options.rounds;
    now.done = static_cast<double>(round) / static_cast<double>(now.epochs);
    now.loss = train_loss;
    now.score_name = score_name_of(p.target);
    const double spent = in_seconds(c.clock.steady_now() - began);
    if (spent > 0) {
      now.rows_per_second =
          static_cast<double>(round) * static_cast<double>(train_features.shape()[0]) / spent;
    }
    rounds_ended.push_back(c.clock.steady_now());
    if (round % 50 != 0) return;
    now.energy = c.meter.so_far();
    c.observer.progress(now);
  };
  const std::int64_t classes = p.target.classifies() ? p.target.classes() : 0;
  TENBIN_TRY(TreeFit fit,
             fit_trees(task_of(p.target), classes, rows_of(train_features, train, width),
                       rows_of(valid_features, valid, width), candidate.options, hooks, resume));
  if (fit.stopped) TENBIN_CHECK(keeper.write());
  out.result = result_of(fit);
  // Rounds of an earlier run cost this one nothing.
  out.joules = joules_until(c.meter, rounds_ended);
  out.joules.insert(out.joules.begin(), out.result.curve.size() - out.joules.size(), 0);
  out.result.best = graph_of(std::move(fit.call), width, p.target);
  TENBIN_TRY(const double score,
             score_of(out.result.best, valid_features, valid, p.target, c.threads));
  const Duration end = c.meter.sample();
  const auto rounds = static_cast<std::int64_t>(out.result.curve.size());
  c.recorder.emit({"rounds", candidate.name + ", " + std::to_string(rounds) + " rounds", began, end,
                   rounds * train_features.shape()[0]},
                  Json::object({{"valid_" + score_name_of(p.target), score}}));
  out.tried = {candidate.name, "tried on validation",       score, rounds,
               end - began,    c.meter.between(began, end), false, "trees"};
  return out;
}

Result<Graph> fit_tree_graph(const TreeCandidate& candidate, const RowSet& train,
                             const RowSet& valid, const Prepared& p, const LearnContext& c) {
  TreeHooks hooks;
  hooks.should_stop = [&]() -> std::optional<std::string> {
    if (interrupted()) return "stopped on request";
    return c.watch.exceeded();
  };
  const std::int64_t width = p.features.width();
  const std::int64_t classes = p.target.classifies() ? p.target.classes() : 0;
  TENBIN_TRY(TreeFit fit,
             fit_trees(task_of(p.target), classes, rows_of(train.features, train.answers, width),
                       rows_of(valid.features, valid.answers, width), candidate.options, hooks));
  if (fit.stopped) {
    return Error(interrupted() ? ErrorCode::kInterrupted : ErrorCode::kBudgetExceeded,
                 *fit.stopped);
  }
  return graph_of(std::move(fit.call), width, p.target);
}

}  // namespace tenbin

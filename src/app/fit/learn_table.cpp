// SPDX-License-Identifier: Apache-2.0
#include "app/fit/learn_table.h"

#include <algorithm>

#include "app/fit/candidate.h"
#include "app/fit/learn_folds.h"
#include "app/fit/learn_trees.h"
#include "app/fit/pace.h"
#include "app/fit/table_rows.h"
#include "data/streams/streams.h"
#include "graph/nets/nets.h"
#include "platform/clock.h"
#include "platform/process.h"

namespace tenbin {
namespace {

constexpr std::int64_t kWide = 2'000;  // features: words of a text, learned in few passes
constexpr int kFoldCost = 6;  // of cross-validation, in times of the single pass over learners
constexpr std::int64_t kWorthAThread = 30'000'000;  // MACs of a step

Result<std::vector<Candidate>> table_candidates(const Prepared& p, const FitOptions& options,
                                                int threads) {
  const std::int64_t width = p.features.width();
  const auto rows = static_cast<std::int64_t>(p.cleaning.train.size());
  const std::int64_t outputs = p.target.classifies() ? p.target.classes() : 1;
  TrainOptions t = base_training(p, options, threads);
  t.epochs = options.epochs > 0 ? options.epochs : (rows < 5'000 && width <= kWide ? 120 : 30);
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

// A network that diverges is no candidate; its error stays for the case that none is left.
Status try_networks(const TableRows& rows, const Prepared& p, const LearnContext& c,
                    Learned& learned, bool& has_best, std::optional<Error>& failure) {
  TENBIN_TRY(auto candidates, table_candidates(p, c.options, c.threads));
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i > 0 && (interrupted() || c.watch.exceeded())) break;
    Candidate& candidate = candidates[i];
    TENBIN_TRY(NetworkFacts facts, network_facts(candidate.name, "mlp", candidate.graph));
    learned.networks.push_back(std::move(facts));
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
  std::size_t number = 0;
  for (const TreeCandidate& candidate : tree_candidates(p, c.options, c.threads)) {
    if (has_best && (interrupted() || c.watch.exceeded())) break;
    TENBIN_TRY(TreesTried trees, try_trees(candidate, number++, rows.digest, rows.train_features,
                                           rows.valid_features, rows.train, rows.valid, p, c));
    Candidate shown;
    shown.name = candidate.name;
    shown.batch = static_cast<std::int64_t>(p.cleaning.train.size());
    shown.training = base_training(p, c.options, c.threads);
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
  const TrainingBudget budget = training_time_left(pace_budget(c));
  if (against.empty() && budget.time && *budget.time < kFoldCost * single_pass) {
    against = "it would take " + to_text(kFoldCost * single_pass) + ", more than is left";
  }
  if (!against.empty()) {
    c.observer.tell("no cross-validation: " + against);
    return {};
  }
  std::vector<FoldLearner> learners;
  TENBIN_TRY(const auto networks, table_candidates(p, c.options, c.threads));
  learners.reserve(networks.size());
  for (const Candidate& candidate : networks) learners.push_back(network_learner(candidate, p, c));
  for (const TreeCandidate& candidate : tree_candidates(p, c.options, c.threads)) {
    learners.push_back(
        {candidate.name, [&p, &c, candidate](const RowSet& train, const RowSet& valid) {
           return fit_tree_graph(candidate, train, valid, p, c);
         }});
  }
  return improve_by_folds(learners, {rows.train_features, rows.train},
                          {rows.valid_features, rows.valid}, p, c, learned);
}

}  // namespace

Result<Learned> learn_table(const Prepared& p, const LearnContext& c) {
  Learned learned;
  learned.scale = scale_of(p.target, p.cleaning.train);
  const Duration began = c.clock.steady_now();
  TENBIN_TRY(const TableRows rows, table_rows(p, c, learned.scale));
  const SpoolRemover remover(c.files, rows.spool);
  bool has_best = false;
  std::optional<Error> failure;
  TENBIN_CHECK(try_networks(rows, p, c, learned, has_best, failure));
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

Result<std::vector<PlannedLearner>> table_learners(const Prepared& p, const FitOptions& options,
                                                   int threads) {
  std::vector<PlannedLearner> out;
  TENBIN_TRY(const auto networks, table_candidates(p, options, threads));
  for (const Candidate& one : networks) out.push_back({one.name, "mlp", one.training.epochs});
  for (const TreeCandidate& one : tree_candidates(p, options, threads)) {
    out.push_back({one.name, "trees", one.options.rounds});
  }
  return out;
}

}  // namespace tenbin

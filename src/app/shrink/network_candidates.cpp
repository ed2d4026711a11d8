// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "app/fit/pace.h"
#include "app/folder_run.h"
#include "app/shrink/apply_recipe.h"
#include "app/shrink/candidates.h"
#include "app/shrink/network_rows.h"
#include "app/shrink/shrink.h"
#include "app/shrink/trial_store.h"
#include "compress/correct_teacher.h"
#include "compress/cut_channels.h"
#include "compress/low_rank.h"
#include "compress/recover.h"
#include "graph/counts.h"
#include "graph/rewrites/replace_network.h"
#include "platform/clock.h"
#include "platform/process.h"
#include "platform/random.h"

namespace tenbin {
namespace {

constexpr std::size_t kCalibrationRows = 256;
constexpr std::int64_t kLeastToTrain = 512;  // rows; fewer teach nothing that lasts
// Of what is left of the search: asking the teacher, training after a cut, training on grids.
constexpr double kTeacherShare = 0.1, kRecoverShare = 0.3, kGridShare = 0.15;
constexpr double kReadingCost = 2;  // of a weight, in multiply-accumulates
constexpr double kRecoverRate = 2e-3, kGridRate = 2e-4;
constexpr double kEnergyKept = 0.999;  // of a layer in two: beyond, rank is wasted
constexpr std::int64_t kLargestDecomposed = 160'000'000;  // seconds of work, not more
constexpr std::int64_t kRecoverEpochs = 20, kGridEpochs = 4;

// What a goal counts: weights weigh as they are read once a run, whatever the batch.
WorkWeights work_weights(const ShrinkOptions& options) {
  if (options.goal == ShrinkGoal::kSize) return {0, 1};
  return {1, kReadingCost / static_cast<double>(options.batch)};
}

class NetworkCandidates final : public Candidates {
 public:
  explicit NetworkCandidates(const CandidateSource& source) : source_(source) {}

  Status open() {
    TENBIN_TRY(network_, network_of(source_.model));
    TENBIN_TRY(const GraphCounts counts, count(network_.graph));
    weights_ = work_weights(source_.options);
    TENBIN_TRY(work_, work_of(network_.graph, weights_));
    macs_ = counts.macs.count;
    parameters_ = counts.parameters;
    train_ = source_.rows.train;
    Random(static_cast<std::uint64_t>(source_.options.seed), 11).shuffle(train_);
    const auto some = std::min(train_.size(), kCalibrationRows);
    TENBIN_TRY(NetworkRows rows, ends(std::span(train_).first(some), {}));
    calibration_ = std::move(rows.features);
    return {};
  }

  std::int64_t macs() const override { return macs_; }
  std::int64_t parameters() const override { return parameters_; }

  std::vector<std::string> allow(ShrinkState& state) const override {
    state.may_train = static_cast<std::int64_t>(train_.size()) >= kLeastToTrain;
    state.may_prune = state.may_train;
    if (state.may_train) return {};
    return {"nothing is pruned or trained: " + std::to_string(train_.size()) +
            " rows to train on, expected " + std::to_string(kLeastToTrain) + " or more"};
  }

  Result<ShrunkModel> make(const ShrinkRecipe& recipe) override {
    ShrunkModel out;
    Graph base = network_.graph;
    if (recipe.prunes()) {
      TENBIN_TRY(const Pruned* pruned, this->pruned(recipe.work_kept));
      base = pruned->graph;
      out.notes.push_back(pruned->what);
    }
    if (recipe.factors()) {
      TENBIN_TRY(const Pruned* thin, factored(base, recipe));
      base = thin->graph;
      out.notes.push_back(thin->what);
    }
    const RecipeTools tools{
        calibration_,
        [this](const Graph& graph) { return learn(graph, kGridShare, kGridEpochs, kGridRate); },
        {source_.options.batch, source_.run.threads()},
        source_.clock,
        while_searching()};
    TENBIN_TRY(const CheaperNetwork cheaper, apply_recipe(base, recipe, tools));
    out.notes.insert(out.notes.end(), cheaper.notes.begin(), cheaper.notes.end());
    TENBIN_TRY(const GraphCounts counts, count(cheaper.graph));
    out.macs = counts.macs.count;
    out.parameters = counts.parameters;
    TENBIN_TRY(out.model, replace_network(source_.model, network_, cheaper.graph));
    return out;
  }

 private:
  struct Pruned {
    Graph graph;
    std::string what;
  };

  Result<NetworkRows> ends(std::span<const std::int64_t> which,
                           const std::function<bool()>& enough) const {
    EndsOptions options;
    options.threads = all_threads();
    options.memory = Bytes{source_.options.read.memory_limit.count / 2};
    options.enough = enough;
    return run_ends(source_.model, network_, source_.rows, which, options, source_.may_go_on);
  }

  // The search takes all; only what is measured runs on those asked for.
  int all_threads() const { return std::max(source_.run.machine().threads, source_.run.threads()); }

  // What the original answers to as many rows as a share of the budget allows; asked once.
  Status ask_teacher() {
    if (teacher_) return {};
    BudgetWatch watch = source_.search.share_of_left(kTeacherShare);
    TENBIN_TRY(teacher_, ends(train_, [&watch] { return watch.exceeded().has_value(); }));
    std::string told = "the original answered " + std::to_string(teacher_->rows()) + " of " +
                       std::to_string(train_.size()) + " rows, to be trained towards";
    if (const auto& target = source_.rows.target; target && target->classifies()) {
      std::vector<std::int64_t> labels;
      for (const std::int64_t row :
           std::span(train_).first(static_cast<std::size_t>(teacher_->rows()))) {
        labels.push_back(target->labels[static_cast<std::size_t>(row)]);
      }
      if (const auto wrong = correct_teacher(teacher_->logits, teacher_->outputs, labels)) {
        told += "; " + std::to_string(*wrong) + " wrong answers were corrected by the labels";
      }
    }
    source_.observer.tell(told);
    return {};
  }

  Result<Graph> learn(const Graph& student, double share, std::int64_t epochs, double rate) {
    TENBIN_CHECK(ask_teacher());
    BudgetWatch watch = source_.search.share_of_left(share);
    PaceKeeper pace({watch, source_.run.meter(), source_.options.prices, source_.clock});
    TrainHooks hooks;
    hooks.should_stop = [&watch] { return watch.exceeded(); };
    hooks.interrupted = [] { return interrupted(); };
    hooks.affordable_steps = [&pace](std::int64_t step) { return pace.affordable_steps(step); };
    RecoverOptions options;
    options.epochs = epochs;
    options.rate = rate;
    options.threads = all_threads();
    options.seed = static_cast<std::uint64_t>(source_.options.seed);
    TENBIN_TRY(TrainResult trained, recover(student, teacher(), options, hooks));
    if (trained.reason == StopReason::kInterrupted) {
      return Error(ErrorCode::kInterrupted, "stopped on request");
    }
    if (trained.curve.empty()) {
      return Error(ErrorCode::kBudgetExceeded, "the budget ends before training does", "--budget",
                   "allow more");
    }
    learned_ = std::to_string(trained.steps) + " steps of training";
    return std::move(trained.best);
  }

  // Cut from the last network that keeps more, then trained.
  Result<const Pruned*> pruned(double kept) {
    const auto known = pruned_.find(kept);
    if (known != pruned_.end()) return &known->second;
    const std::string name = "network " + std::to_string(kept);
    if (auto stored = source_.store.find_network(name)) {
      Pruned found{std::move(*stored), "trained by the run that was stopped"};
      return &pruned_.emplace(kept, std::move(found)).first->second;
    }
    const auto above = pruned_.upper_bound(kept);
    const Graph& from = above == pruned_.end() ? network_.graph : above->second.graph;
    PruneOptions options;
    options.weights = weights_;
    options.work = kept * work_;
    TENBIN_CHECK(ask_teacher());
    TENBIN_TRY(const RankedCut best,
               cut_channels(from, options, teacher(), all_threads(), while_searching()));
    TENBIN_TRY(Graph trained, learn(best.cut.graph, kRecoverShare, kRecoverEpochs, kRecoverRate));
    TENBIN_CHECK(source_.store.keep_network(name, trained));
    std::string what = best.cut.what + ", by " + best.ranking;
    if (best.other_error) {
      what += " (off by " + to_text(100 * best.error, 2) + " %, the other ranking by " +
              to_text(100 * *best.other_error, 2) + " %)";
    }
    Pruned out{std::move(trained), what + "; " + learned_};
    return &pruned_.emplace(kept, std::move(out)).first->second;
  }

  // Layers of `from` in two thin ones each, then trained; once for each pair of shares.
  Result<const Pruned*> factored(const Graph& from, const ShrinkRecipe& recipe) {
    const std::pair of(recipe.work_kept, recipe.rank_kept);
    const auto known = factored_.find(of);
    if (known != factored_.end()) return &known->second;
    const std::string name =
        "network " + std::to_string(of.first) + " rank " + std::to_string(of.second);
    if (auto stored = source_.store.find_network(name)) {
      Pruned found{std::move(*stored), "trained by the run that was stopped"};
      return &factored_.emplace(of, std::move(found)).first->second;
    }
    LowRankOptions options;
    options.energy_kept = kEnergyKept;
    options.macs_kept = recipe.rank_kept;
    options.largest = kLargestDecomposed;
    TENBIN_TRY(const Factored thin, factor_layers(from, options, {}, while_searching()));
    if (thin.layers.empty()) {
      return Error(ErrorCode::kUnsupportedOp, "no layer's weights fit into two thin layers of " +
                                                  to_text(100 * recipe.rank_kept, 2) +
                                                  " % of its multiply-adds");
    }
    TENBIN_TRY(Graph trained, learn(thin.graph, kRecoverShare, kRecoverEpochs, kRecoverRate));
    TENBIN_CHECK(source_.store.keep_network(name, trained));
    const std::string what = std::to_string(thin.layers.size()) + " layers in two thin ones each; ";
    return &factored_.emplace(of, Pruned{std::move(trained), what + learned_}).first->second;
  }

  TeacherRows teacher() const { return {teacher_->features, teacher_->logits, teacher_->outputs}; }

  // May the search go on? As `may_go_on`, but leaves the time of the proof alone.
  StopQuestion while_searching() const {
    return StopQuestion([this]() -> Status {
      TENBIN_CHECK(source_.may_go_on());
      if (const auto why = source_.search.exceeded()) {
        return Error(ErrorCode::kBudgetExceeded, *why, "--budget");
      }
      return {};
    });
  }

  CandidateSource source_;
  Network network_;
  WorkWeights weights_;
  double work_ = 0;
  std::int64_t macs_ = 0, parameters_ = 0;
  std::vector<std::int64_t> train_;  // shuffled
  Tensor calibration_;
  std::optional<NetworkRows> teacher_;
  std::map<double, Pruned> pruned_;                       // by the share of MACs kept
  std::map<std::pair<double, double>, Pruned> factored_;  // by that and the share of a layer's
  std::string learned_;                                   // of the last training, for people
};

}  // namespace

Result<std::unique_ptr<Candidates>> network_candidates(const CandidateSource& source) {
  auto out = std::make_unique<NetworkCandidates>(source);
  TENBIN_CHECK(out->open());
  return Result<std::unique_ptr<Candidates>>(std::move(out));
}

}  // namespace tenbin

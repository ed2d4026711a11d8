// SPDX-License-Identifier: Apache-2.0
#include "app/fit/learn_folds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "app/fit/committee.h"
#include "app/fit/fold_store.h"
#include "app/fit/table_rows.h"
#include "engine/session.h"
#include "platform/clock.h"
#include "platform/process.h"
#include "platform/random.h"

namespace tenbin {
namespace {

constexpr int kFolds = 5;
constexpr int kLeastRows = 10 * kFolds;
constexpr std::size_t kMostMembers = 3;
constexpr std::int64_t kMostRows = 5'000;
constexpr std::int64_t kMostCells = 1'000'000;
constexpr double kWorthAMember = 0.002;  // relative gain in loss that pays for a larger model

// A learner with its models, and what they say of the rows that each did not see.
struct Tested {
  CommitteeMember member;
  std::vector<float> answers;  // [rows, width]
  double loss = 0;
};

Result<std::vector<float>> run_graph(const Graph& graph, const Tensor& features, int threads) {
  Model model;
  model.opsets["ai.onnx.ml"] = 3;
  model.graph = graph;
  TENBIN_TRY(const auto session, Session::create(model, {threads}));
  const std::vector<Tensor> in = {features};
  TENBIN_TRY(const auto out, session->run(in));
  const auto values = out.back().data<float>();
  return std::vector<float>(values.begin(), values.end());
}

RowSet pick(const RowSet& all, std::span<const std::int64_t> rows) {
  const std::int64_t width = all.features.shape()[1];
  RowSet out;
  out.features = Tensor(ElementType::kFloat32, {static_cast<std::int64_t>(rows.size()), width});
  const auto from = all.features.data<float>();
  auto to = out.features.data<float>().begin();
  for (const std::int64_t row : rows) {
    const auto part =
        from.subspan(static_cast<std::size_t>(row * width), static_cast<std::size_t>(width));
    to = std::copy(part.begin(), part.end(), to);
    const auto i = static_cast<std::size_t>(row);
    if (!all.answers.labels.empty()) out.answers.labels.push_back(all.answers.labels[i]);
    if (!all.answers.values.empty()) out.answers.values.push_back(all.answers.values[i]);
  }
  return out;
}

RowSet joined(const RowSet& a, const RowSet& b) {
  const Shape shape = {a.features.shape()[0] + b.features.shape()[0], a.features.shape()[1]};
  RowSet out;
  out.features = Tensor(ElementType::kFloat32, shape);
  auto to = out.features.data<float>().begin();
  for (const RowSet* part : {&a, &b}) {
    const auto from = part->features.data<float>();
    to = std::copy(from.begin(), from.end(), to);
    const Answers& more = part->answers;
    out.answers.labels.insert(out.answers.labels.end(), more.labels.begin(), more.labels.end());
    out.answers.values.insert(out.answers.values.end(), more.values.begin(), more.values.end());
  }
  return out;
}

// Names all that decides what a fold's model is.
std::string key_of(const RowSet& all, const LearnContext& c) {
  const FitOptions& o = c.options;
  return digest_of(std::as_bytes(all.features.data<float>()), all.answers) + "," +
         std::to_string(o.seed) + "," + std::to_string(o.epochs) + "," + std::to_string(c.threads) +
         "," + std::to_string(static_cast<int>(o.precision)) + "," + TENBIN_VERSION;
}

// Every learner on every fold.
class FoldTest {
 public:
  FoldTest(const RowSet& all, const Prepared& prepared, const LearnContext& context)
      : all_(all),
        p_(prepared),
        c_(context),
        store_(context.files, context.options.output, key_of(all, context), context.options.resume),
        rows_(all.features.shape()[0]) {
    const auto seed = static_cast<std::uint64_t>(context.options.seed);
    folds_ = assign_folds(all.answers, rows_, kFolds, seed);
    width_ = prepared.target.classifies() ? prepared.target.classes() : 1;
  }

  Result<Tested> test(const FoldLearner& learner, std::size_t number);
  FoldStore& store() { return store_; }
  std::int64_t width() const { return width_; }

 private:
  void tell_progress(const std::string& name, int fold) const;

  const RowSet& all_;
  const Prepared& p_;
  const LearnContext& c_;
  FoldStore store_;
  std::int64_t rows_, width_ = 1;
  std::vector<int> folds_;
};

void FoldTest::tell_progress(const std::string& name, int fold) const {
  FitProgress now;
  now.network = name + ", fold " + std::to_string(fold + 1) + "/" + std::to_string(kFolds);
  now.epoch = fold;
  now.epochs = kFolds;
  now.done = static_cast<double>(fold) / kFolds;
  now.score_name = score_name_of(p_.target);
  now.energy = c_.meter.so_far();
  c_.observer.progress(now);
}

Result<Tested> FoldTest::test(const FoldLearner& learner, std::size_t number) {
  Tested out;
  out.member.name = learner.name;
  out.answers.resize(static_cast<std::size_t>(rows_ * width_));
  const Duration began = c_.meter.sample();
  for (int fold = 0; fold < kFolds; ++fold) {
    if (interrupted()) return Error(ErrorCode::kInterrupted, "stopped on request");
    if (const auto why = c_.watch.exceeded()) return Error(ErrorCode::kBudgetExceeded, *why);
    tell_progress(learner.name, fold);
    std::vector<std::int64_t> inside, outside;
    for (std::int64_t row = 0; row < rows_; ++row) {
      (folds_[static_cast<std::size_t>(row)] == fold ? outside : inside).push_back(row);
    }
    const RowSet held = pick(all_, outside);
    auto kept = store_.find(number, fold);
    if (!kept) {
      TENBIN_TRY(Graph fresh, learner.fit(pick(all_, inside), held));
      TENBIN_TRY(kept, store_.keep(number, fold, std::move(fresh)));
    }
    Graph graph = std::move(*kept);
    const std::vector<CommitteeMember> alone = {{learner.name, {graph}}};
    TENBIN_TRY(const Graph answering, committee_graph(alone, all_.features.shape()[1],
                                                      p_.target.classifies() ? width_ : 0));
    TENBIN_TRY(const auto answers, run_graph(answering, held.features, 1));
    for (std::size_t i = 0; i < outside.size(); ++i) {
      const auto from = answers.begin() + static_cast<std::ptrdiff_t>(i) * width_;
      std::copy(from, from + width_, out.answers.begin() + outside[i] * width_);
    }
    out.member.graphs.push_back(std::move(graph));
  }
  const Duration end = c_.meter.sample();
  out.loss = mean_loss(out.answers, all_.answers, width_);
  c_.recorder.emit({"folds", learner.name + ", " + std::to_string(kFolds) + " folds", began, end,
                    rows_ * (kFolds - 1)},
                   Json::object({{"cross_validated_loss", out.loss}}));
  return out;
}

std::vector<float> mean_answers(const std::vector<Tested>& tested,
                                const std::vector<std::size_t>& members) {
  std::vector<float> out(tested[members.front()].answers.size(), 0.0F);
  for (const std::size_t m : members) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += tested[m].answers[i];
  }
  for (float& value : out) value /= static_cast<float>(members.size());
  return out;
}

// The best alone, then whoever lowers the loss most.
std::vector<std::size_t> choose_members(const std::vector<Tested>& tested, const Answers& answers,
                                        std::int64_t width, double& loss) {
  std::vector<std::size_t> chosen;
  while (chosen.size() < std::min(kMostMembers, tested.size())) {
    std::optional<std::size_t> best;
    double best_loss =
        chosen.empty() ? std::numeric_limits<double>::infinity() : loss * (1 - kWorthAMember);
    for (std::size_t i = 0; i < tested.size(); ++i) {
      if (std::find(chosen.begin(), chosen.end(), i) != chosen.end()) continue;
      std::vector<std::size_t> with = chosen;
      with.push_back(i);
      const double its = mean_loss(mean_answers(tested, with), answers, width);
      if (its < best_loss) best = i, best_loss = its;
    }
    if (!best) break;
    chosen.push_back(*best);
    loss = best_loss;
  }
  return chosen;
}

std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

std::string name_of(const std::vector<Tested>& tested, const std::vector<std::size_t>& chosen) {
  std::string out;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const bool last = i + 1 == chosen.size();
    out += (i == 0 ? "" : last ? " and " : ", ") + tested[chosen[i]].member.name;
  }
  return "mean of " + out + ", " + std::to_string(kFolds) + " folds";
}

}  // namespace

std::string reason_against_folds(const Prepared& p, const LearnContext& c) {
  const auto rows = static_cast<std::int64_t>(p.cleaning.train.size() + p.split.valid.size());
  if (p.features.feature_shape.size() != 1) return "features are no rows of numbers";
  if (rows > kMostRows || rows * p.features.width() > kMostCells)
    return "the table is large enough";
  if (p.split.method == SplitMethod::kTime || p.split.method == SplitMethod::kGrouped) {
    return std::string("rows are split by ") +
           (p.split.method == SplitMethod::kTime ? "time" : "groups");
  }
  if (c.limits.p50 || c.limits.p99 || c.limits.size || c.limits.energy_per_1000) {
    return "a limit on answers asks for one small model";
  }
  if (rows < kLeastRows) return "the table is too small";
  return {};
}

std::vector<int> assign_folds(const Answers& answers, std::int64_t count, int folds,
                              std::uint64_t seed) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  Random(seed, 0x666f6c64).shuffle(order);  // a stream of its own
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const auto i = static_cast<std::size_t>(a), j = static_cast<std::size_t>(b);
    return answers.labels.empty() ? answers.values[i] < answers.values[j]
                                  : answers.labels[i] < answers.labels[j];
  });
  std::vector<int> out(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    out[static_cast<std::size_t>(order[i])] = static_cast<int>(i) % folds;
  }
  return out;
}

Status improve_by_folds(const std::vector<FoldLearner>& learners, const RowSet& train,
                        const RowSet& valid, const Prepared& p, const LearnContext& c,
                        Learned& learned) {
  const Duration began = c.meter.sample();
  const RowSet all = joined(train, valid);
  FoldTest folds(all, p, c);
  std::vector<Tested> tested;
  for (std::size_t i = 0; i < learners.size(); ++i) {
    auto one = folds.test(learners[i], i);
    if (one.ok()) {
      tested.push_back(std::move(*one));
      continue;
    }
    const ErrorCode code = one.error().code();
    if (code == ErrorCode::kNonFinite) continue;  // it diverged: no member
    if (code != ErrorCode::kBudgetExceeded && code != ErrorCode::kInterrupted) return one.error();
    c.observer.tell("cross-validation not finished (" + one.error().message() +
                    "): the model of the validation rows stays");
    return {};
  }
  if (folds.store().found() > 0) {
    c.observer.tell("cross-validation went on: " + std::to_string(folds.store().found()) +
                    " folds were done before the stop");
  }
  folds.store().clear();
  if (tested.empty()) return {};
  double loss = 0;
  const auto chosen = choose_members(tested, all.answers, folds.width(), loss);
  std::vector<CommitteeMember> members;
  members.reserve(chosen.size());
  for (const std::size_t i : chosen) members.push_back(tested[i].member);
  const bool classify = p.target.classifies();
  TENBIN_TRY(learned.network,
             committee_graph(members, all.features.shape()[1], classify ? folds.width() : 0));
  const std::string loss_name = classify ? "log loss" : "squared error";
  learned.probabilities = classify;
  learned.name = name_of(tested, chosen);
  learned.why = "lowest cross-validated " + loss_name + ", " + text_of(loss);
  std::string each;
  for (const Tested& one : tested) {
    each += (each.empty() ? "" : ", ") + one.member.name + " " + text_of(one.loss);
  }
  c.observer.tell("cross-validated " + loss_name + " in " + std::to_string(kFolds) +
                  " folds of training and validation rows: " + each);
  for (Tried& other : learned.tried) other.chosen = false;
  const Duration end = c.meter.sample();
  Tried tried{learned.name, learned.why, {},  kFolds, end - began, c.meter.between(began, end),
              true,         "committee", loss};
  tried.valid_score =
      scorer(p.target, all.answers)(mean_answers(tested, chosen), all.features.shape()[0]);
  learned.tried.push_back(std::move(tried));
  return {};
}

}  // namespace tenbin

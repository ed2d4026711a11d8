// SPDX-License-Identifier: Apache-2.0
#include "engine/xgboost/fit_trees.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

#include "engine/xgboost/booster.h"
#include "engine/xgboost/model_trees.h"

namespace tenbin {
namespace {

std::string number_text(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

Status check_rows(const TreeRows& rows, TreeTask task, std::int64_t classes, const char* which) {
  const std::string where = std::string(which) + " rows";
  const bool regression = task == TreeTask::kRegression;
  const std::size_t answers = regression ? rows.targets.size() : rows.labels.size();
  if (rows.rows == 0 || rows.columns == 0) {
    return Error(ErrorCode::kEmptyData, "no rows or no columns to fit trees to", where);
  }
  if (rows.features.size() != rows.rows * rows.columns || answers != rows.rows ||
      (!rows.weights.empty() && rows.weights.size() != rows.rows)) {
    return Error(ErrorCode::kInputMismatch,
                 std::to_string(rows.rows) + " rows of " + std::to_string(rows.columns) +
                     " columns, but " + std::to_string(rows.features.size()) + " features, " +
                     std::to_string(answers) + " answers, " + std::to_string(rows.weights.size()) +
                     " weights",
                 where);
  }
  for (const std::int64_t label : rows.labels) {
    if (!regression && (label < 0 || label >= classes)) {
      return Error(ErrorCode::kInputMismatch,
                   "class " + std::to_string(label) + " of " + std::to_string(classes), where);
    }
  }
  if (regression && !std::all_of(rows.targets.begin(), rows.targets.end(),
                                 [](float x) { return std::isfinite(x); })) {
    return Error(ErrorCode::kNonFinite, "a target is not finite", where);
  }
  if (std::any_of(rows.features.begin(), rows.features.end(),
                  [](float x) { return std::isinf(x); })) {
    return Error(ErrorCode::kNonFinite, "a feature is infinite", where);
  }
  return {};
}

Status check_both(const TreeRows& train, const TreeRows& valid, TreeTask task,
                  std::int64_t classes) {
  TENBIN_CHECK(check_rows(train, task, classes, "training"));
  TENBIN_CHECK(check_rows(valid, task, classes, "validation"));
  if (valid.columns == train.columns) return {};
  return Error(ErrorCode::kInputMismatch, "validation rows have " + std::to_string(valid.columns) +
                                              " columns, expected " +
                                              std::to_string(train.columns));
}

Status check_options(const TreeOptions& o) {
  const auto share = [](double x) { return x > 0 && x <= 1; };
  if (o.rounds < 1 || o.rounds > 100'000 || o.max_depth < 1 || o.max_depth > 32 ||
      !share(o.learning_rate) || !share(o.subsample) || !share(o.colsample) ||
      o.min_child_weight < 0 || o.lambda < 0 || o.early_stop < 0 || o.threads < 1) {
    return Error(ErrorCode::kBadValue, "an option of the trees lies outside its range");
  }
  return {};
}

// The value every row starts from: the mean target, or a margin of zero.
float base_of(TreeTask task, const TreeRows& train) {
  if (task != TreeTask::kRegression) return 0;
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < train.rows; ++i) {
    const double w = train.weights.empty() ? 1 : static_cast<double>(train.weights[i]);
    sum += w * static_cast<double>(train.targets[i]);
    weight += w;
  }
  return weight > 0 ? static_cast<float>(sum / weight) : 0;
}

std::map<std::string, std::string> parameters_of(TreeTask task, std::int64_t classes,
                                                 const TreeOptions& o, float base) {
  std::map<std::string, std::string> out = {
      {"booster", "gbtree"},
      {"tree_method", "hist"},
      {"verbosity", "0"},
      {"validate_parameters", "0"},
      {"max_depth", std::to_string(o.max_depth)},
      {"eta", number_text(o.learning_rate)},
      {"subsample", number_text(o.subsample)},
      {"colsample_bytree", number_text(o.colsample)},
      {"min_child_weight", number_text(o.min_child_weight)},
      {"lambda", number_text(o.lambda)},
      {"seed", std::to_string(o.seed % 2'147'483'647U)},
      {"seed_per_iteration", "1"},  // so that a resumed run draws as an unbroken one
      {"nthread", std::to_string(o.threads)}};
  switch (task) {
    case TreeTask::kBinary:
      out["objective"] = "binary:logistic";
      out["eval_metric"] = "logloss";
      out["base_score"] = "0.5";  // a share: margin 0
      break;
    case TreeTask::kMulticlass:
      out["objective"] = "multi:softprob";
      out["eval_metric"] = "mlogloss";
      out["num_class"] = std::to_string(classes);
      out["base_score"] = "0";
      break;
    case TreeTask::kRegression:
      out["objective"] = "reg:squarederror";
      out["eval_metric"] = "rmse";
      out["base_score"] = number_text(static_cast<double>(base));
      break;
  }
  return out;
}

// A checkpoint: a line "tenbin-trees 1 ROUNDS BEST", the curve in lines, "end", and the booster.
constexpr std::string_view kHead = "tenbin-trees 1 ";

struct Progress {
  std::vector<TreeRound> curve;
  std::int64_t best_round = 0;
};

std::string pack(const Progress& p, const std::string& booster) {
  std::string out = std::string(kHead) + std::to_string(p.curve.size()) + " " +
                    std::to_string(p.best_round) + "\n";
  char line[80];
  for (const TreeRound& round : p.curve) {
    std::snprintf(line, sizeof line, "%.17g %.17g\n", round.train_loss, round.valid_loss);
    out += line;
  }
  return out + "end\n" + booster;
}

Error bad_checkpoint() {
  return Error(ErrorCode::kBadCheckpoint, "not a checkpoint of trees, or a cut one");
}

// Reads all of `text`: two numbers with one blank between.
template <class T> bool read_two(std::string_view text, T& first, T& second) {
  const char* const last = text.data() + text.size();
  const auto one = std::from_chars(text.data(), last, first);
  if (one.ec != std::errc() || one.ptr == last || *one.ptr != ' ') return false;
  const auto two = std::from_chars(one.ptr + 1, last, second);
  return two.ec == std::errc() && two.ptr == last;
}

Result<std::string_view> unpack(std::string_view bytes, Progress& p) {
  const auto line = [&]() -> std::string_view {
    const std::size_t end = bytes.find('\n');
    const std::string_view text = bytes.substr(0, end);
    bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
    return text;
  };
  const std::string_view head = line();
  std::int64_t rounds = 0;
  if (!head.starts_with(kHead) || !read_two(head.substr(kHead.size()), rounds, p.best_round) ||
      rounds < 0 || rounds > 100'000 || p.best_round < 0 || p.best_round > rounds) {
    return bad_checkpoint();
  }
  for (std::int64_t i = 0; i < rounds; ++i) {
    TreeRound round;
    if (!read_two(line(), round.train_loss, round.valid_loss)) return bad_checkpoint();
    p.curve.push_back(round);
  }
  if (line() != "end" || bytes.empty()) return bad_checkpoint();
  return bytes;
}

bool waited_enough(const Progress& p, const TreeOptions& options) {
  return options.early_stop > 0 &&
         static_cast<std::int64_t>(p.curve.size()) - p.best_round >= options.early_stop;
}

// A new booster from the bytes of one: its sums over the trees are made anew.
Status read_back(std::string_view bytes, const std::vector<const TreeMatrix*>& matrices,
                 const std::map<std::string, std::string>& parameters,
                 std::optional<Booster>& booster) {
  TENBIN_TRY(Booster made, Booster::make(matrices, parameters));
  TENBIN_CHECK(made.load(bytes));
  booster.emplace(std::move(made));
  return {};
}

}  // namespace

Result<TreeFit> fit_trees(TreeTask task, std::int64_t classes, const TreeRows& train,
                          const TreeRows& valid, const TreeOptions& options, const TreeHooks& hooks,
                          std::string_view resume) {
  if (task == TreeTask::kBinary) classes = 2;
  TENBIN_CHECK(check_options(options));
  TENBIN_CHECK(check_both(train, valid, task, classes));
  const float base = base_of(task, train);
  TENBIN_TRY(const TreeMatrix train_matrix, TreeMatrix::of(train, task));
  TENBIN_TRY(const TreeMatrix valid_matrix, TreeMatrix::of(valid, task));
  const std::vector<const TreeMatrix*> both = {&train_matrix, &valid_matrix};
  const auto parameters = parameters_of(task, classes, options, base);
  std::optional<Booster> booster;
  Progress progress;
  if (resume.empty()) {
    TENBIN_TRY(Booster made, Booster::make(both, parameters));
    booster.emplace(std::move(made));
  } else {
    TENBIN_TRY(const std::string_view bytes, unpack(resume, progress));
    TENBIN_CHECK(read_back(bytes, both, parameters, booster));
  }
  TreeFit fit;
  while (static_cast<std::int64_t>(progress.curve.size()) < options.rounds) {
    if (waited_enough(progress, options)) {
      fit.stopped_early = true;
      break;
    }
    if (hooks.should_stop) fit.stopped = hooks.should_stop();
    if (fit.stopped) break;
    const auto round = static_cast<std::int64_t>(progress.curve.size());
    TENBIN_CHECK(booster->update(round, train_matrix));
    TENBIN_TRY(const std::vector<double> losses, booster->evaluate(round, both));
    if (!std::isfinite(losses[0])) {
      return Error(ErrorCode::kNonFinite,
                   "training loss is not finite after round " + std::to_string(round + 1));
    }
    const auto best = static_cast<std::size_t>(progress.best_round);
    const bool better = best == 0 || losses[1] < progress.curve[best - 1].valid_loss;
    progress.curve.push_back({losses[0], losses[1]});
    if (better) progress.best_round = round + 1;
    if (hooks.progress) hooks.progress(round + 1, losses[0], losses[1]);
    if ((round + 1) % kTreeRoundsKept != 0) continue;
    TENBIN_TRY(const std::string bytes, booster->save());
    TENBIN_CHECK(read_back(bytes, both, parameters, booster));
    if (hooks.keep) TENBIN_CHECK(hooks.keep(pack(progress, bytes)));
  }
  if (progress.curve.empty()) {
    return Error(ErrorCode::kBudgetExceeded,
                 "stopped before the first round of trees: " + fit.stopped.value_or(""));
  }
  TENBIN_TRY(const std::string saved, booster->save());
  TENBIN_TRY(const std::string text, booster->model_json());
  TENBIN_TRY(const Json model, Json::parse(text));
  TENBIN_TRY(fit.call, model_trees(model, task, classes, progress.best_round, base));
  fit.checkpoint = pack(progress, saved);
  fit.curve = std::move(progress.curve);
  fit.best_round = progress.best_round;
  return fit;
}

Result<std::vector<float>> predict_with_xgboost(std::string_view checkpoint, TreeTask task,
                                                std::int64_t best_round, const TreeRows& rows) {
  Progress progress;
  TENBIN_TRY(const std::string_view bytes, unpack(checkpoint, progress));
  TreeRows plain = rows;
  plain.labels = {};
  plain.targets = {};
  plain.weights = {};
  TENBIN_TRY(const TreeMatrix matrix, TreeMatrix::of(plain, task));
  TENBIN_TRY(Booster booster, Booster::make({&matrix}, {{"verbosity", "0"}}));
  TENBIN_CHECK(booster.load(bytes));
  TENBIN_TRY(std::vector<float> values, booster.predict(matrix, best_round));
  if (task != TreeTask::kBinary) return values;
  std::vector<float> both;
  for (const float p : values) {
    both.push_back(1 - p);
    both.push_back(p);
  }
  return both;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/features.h"
#include "engine/trees/tree_ensemble.h"

namespace tenbin {
namespace {

struct Trees {
  TreeEnsemble ensemble;
  std::vector<float> base;  // one an output
  ClassLabels labels;
  PostTransform post = PostTransform::kNone;
  std::string how = "SUM";
  bool classify = false;
  bool binary = false;  // two classes of which leaves name one
};

Error bad_attribute(const OpCall& call, const std::string& what) {
  return Error(ErrorCode::kBadModel, call.op + ": " + what, "node '" + call.name + "'");
}

Result<std::shared_ptr<const void>> prepare(const OpCall& call) {
  auto t = std::make_shared<Trees>();
  t->classify = call.op == "TreeEnsembleClassifier";
  t->labels = {call.texts("classlabels_strings"), call.integers("classlabels_int64s")};
  TENBIN_TRY(t->post, post_transform_of(call));
  for (const char* key : {"nodes_values_as_tensor", "class_weights_as_tensor",
                          "target_weights_as_tensor", "base_values_as_tensor"}) {
    if (call.find(key) == nullptr) continue;
    return Error(ErrorCode::kUnsupportedOp, call.op + ": " + key + ", expected lists of float32",
                 "node '" + call.name + "'");
  }
  const std::string how = call.text("aggregate_function", "SUM");
  if (how != "SUM" && how != "AVERAGE" && how != "MIN" && how != "MAX") {
    return bad_attribute(
        call, "aggregate_function '" + how + "', expected one of SUM, AVERAGE, MIN, MAX");
  }
  t->how = how;
  const std::size_t labels = t->labels.size();
  const std::int64_t targets = call.integer("n_targets", 1);
  if (t->classify ? labels == 0 : (targets < 1 || targets > 1'000'000)) {
    return bad_attribute(call, "no classes or targets");
  }
  const std::size_t outputs = t->classify ? labels : static_cast<std::size_t>(targets);
  TENBIN_TRY(t->ensemble, TreeEnsemble::compile(call, t->classify ? "class" : "target", outputs));
  t->binary = t->classify && outputs == 2 && t->ensemble.named_outputs() == 1;
  t->base = call.numbers("base_values");
  if (t->binary && t->base.size() == 1) t->base = {t->base[0], t->base[0]};
  if (t->base.empty()) t->base.assign(outputs, 0.0F);
  if (t->base.size() != outputs) return bad_attribute(call, "base_values has the wrong length");
  return std::shared_ptr<const void>(std::move(t));
}

// Turns sums into scores; the number of the class. With one score for two classes the threshold is
// 0.5 if that score is a share (no negative weights), 0 if it is a margin.
std::size_t finish_row(const Trees& t, std::span<float> row) {
  if (!t.binary) {
    const auto best =
        static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    transform_scores(t.post, row);
    return best;
  }
  const float x = row[0] != 0 && row[1] == 0 ? row[0] : row[1];
  const bool share = t.ensemble.all_positive();
  const std::size_t best = x > (share ? 0.5F : 0.0F) ? 1 : 0;
  if (share) {
    row[0] = 1 - x;
    row[1] = x;
  } else if (t.post == PostTransform::kLogistic) {
    row[0] = logistic(-x);
    row[1] = logistic(x);
  } else {
    row[0] = -x;
    row[1] = x;
    transform_scores(t.post, row);
  }
  return best;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void* prepared) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const auto& t = *static_cast<const Trees*>(prepared);
  Tensor room;
  TENBIN_TRY(const FeatureRows in, feature_rows(call, *inputs[0], room));
  const std::int64_t rows = in.rows;
  const auto columns = static_cast<std::size_t>(in.columns);
  if (columns < t.ensemble.columns()) {
    return bad_operands(call, "features " + to_text(inputs[0]->shape()) + ", expected " +
                                  std::to_string(t.ensemble.columns()) + " columns or more");
  }
  const std::size_t outputs = t.base.size();
  TENBIN_CHECK(element_count({rows, static_cast<std::int64_t>(outputs)}));
  Tensor scores(ElementType::kFloat32, {rows, static_cast<std::int64_t>(outputs)});
  const auto sums = scores.data<float>();
  // The base comes last, as in the peers, so that sums round alike.
  if (t.how == "MIN" || t.how == "MAX") {
    t.ensemble.extremes(in.values, columns, static_cast<std::size_t>(rows), t.how == "MAX", sums);
  } else {
    t.ensemble.add_sums(in.values, columns, static_cast<std::size_t>(rows), sums);
  }
  if (t.how == "AVERAGE") {
    for (float& sum : sums) sum /= static_cast<float>(t.ensemble.trees());
  }
  std::vector<std::size_t> best(static_cast<std::size_t>(rows));
  for (std::size_t r = 0; r < best.size(); ++r) {
    const auto row = sums.subspan(r * outputs, outputs);
    for (std::size_t k = 0; k < outputs; ++k) row[k] += t.base[k];
    if (t.classify) {
      best[r] = finish_row(t, row);
    } else {
      transform_scores(t.post, row);
    }
  }
  if (!t.classify) return one(std::move(scores));
  std::vector<Tensor> out;
  out.push_back(t.labels.pick(best));
  out.push_back(std::move(scores));
  return out;
}

// One split of column 0 at 0.5, missing to the left.
Attributes stump(const std::string& prefix) {
  using Ints = std::vector<std::int64_t>;
  Attributes a;
  a["nodes_treeids"] = Ints{0, 0, 0};
  a["nodes_nodeids"] = Ints{0, 1, 2};
  a["nodes_featureids"] = Ints{0, 0, 0};
  a["nodes_modes"] = std::vector<std::string>{"BRANCH_LT", "LEAF", "LEAF"};
  a["nodes_values"] = std::vector<float>{0.5F, 0, 0};
  a["nodes_truenodeids"] = Ints{1, 0, 0};
  a["nodes_falsenodeids"] = Ints{2, 0, 0};
  a["nodes_missing_value_tracks_true"] = Ints{1, 0, 0};
  a[prefix + "_treeids"] = Ints{0, 0};
  a[prefix + "_nodeids"] = Ints{1, 2};
  a[prefix + "_ids"] = Ints{0, 0};
  a[prefix + "_weights"] = std::vector<float>{-1, 2};
  return a;
}

std::vector<OpProbe> probes() {
  Attributes regressor = stump("target");
  regressor["n_targets"] = std::int64_t{1};
  regressor["base_values"] = std::vector<float>{10};
  Attributes three = stump("class");
  three["classlabels_int64s"] = std::vector<std::int64_t>{5, 6, 7};
  three["class_ids"] = std::vector<std::int64_t>{0, 2};
  three["post_transform"] = std::string("SOFTMAX");
  three["base_values"] = std::vector<float>{0, 0.25F, 0};
  Attributes words = stump("class");
  words["classlabels_strings"] = std::vector<std::string>{"no", "yes"};
  words["class_ids"] = std::vector<std::int64_t>{0, 0};
  words["post_transform"] = std::string("LOGISTIC");
  // A second tree, turned round: its leaves are 4 and -3.
  Attributes two = regressor;
  for (const char* key : {"nodes_nodeids", "nodes_featureids", "nodes_truenodeids",
                          "nodes_falsenodeids", "nodes_missing_value_tracks_true"}) {
    auto& list = std::get<std::vector<std::int64_t>>(two[key]);
    const std::vector<std::int64_t> once = list;
    list.insert(list.end(), once.begin(), once.end());
  }
  two["nodes_treeids"] = std::vector<std::int64_t>{0, 0, 0, 1, 1, 1};
  two["nodes_modes"] =
      std::vector<std::string>{"BRANCH_LT", "LEAF", "LEAF", "BRANCH_LT", "LEAF", "LEAF"};
  two["nodes_values"] = std::vector<float>{0.5F, 0, 0, 0.75F, 0, 0};
  two["target_treeids"] = std::vector<std::int64_t>{0, 0, 1, 1};
  two["target_nodeids"] = std::vector<std::int64_t>{1, 2, 1, 2};
  two["target_ids"] = std::vector<std::int64_t>{0, 0, 0, 0};
  two["target_weights"] = std::vector<float>{-1, 2, 4, -3};
  const Tensor rows = Tensor::of<float>({4, 1}, {0.25F, 0.5F, 1, std::nanf("")});
  const auto aggregate = [&](std::string_view why, const char* how) {
    Attributes a = two;
    a["aggregate_function"] = std::string(how);
    return OpProbe{why, op_call("TreeEnsembleRegressor", 1, a, "ai.onnx.ml"), {rows}, {}, false};
  };
  return {{"left on less, missing too",
           op_call("TreeEnsembleRegressor", 1, regressor, "ai.onnx.ml"),
           {rows},
           {},
           false},
          {"shares of three classes",
           op_call("TreeEnsembleClassifier", 1, three, "ai.onnx.ml", 2),
           {rows},
           {},
           false},
          {"one margin for two classes",
           op_call("TreeEnsembleClassifier", 1, words, "ai.onnx.ml", 2),
           {rows},
           {},
           false},
          aggregate("mean of two trees", "AVERAGE"),
          aggregate("least of two trees", "MIN"),
          aggregate("greatest of two trees", "MAX")};
}

}  // namespace

const OpEntry& op_tree_ensemble() {
  static const OpEntry entry{"ai.onnx.ml",
                             {"TreeEnsembleClassifier", "TreeEnsembleRegressor"},
                             "Sums over decision trees.",
                             compute,
                             prepare,
                             probes};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/xgboost/model_trees.h"

#include <string>

namespace tenbin {
namespace {

using Ints = std::vector<std::int64_t>;

struct Lists {
  Ints trees, ids, features, yes, no, missing;
  std::vector<std::string> modes;
  std::vector<float> values;
  Ints leaf_trees, leaf_ids, leaf_outputs;
  std::vector<float> leaf_weights;

  void add_weight(std::int64_t tree, std::int64_t id, std::int64_t output, float weight) {
    leaf_trees.push_back(tree);
    leaf_ids.push_back(id);
    leaf_outputs.push_back(output);
    leaf_weights.push_back(weight);
  }
};

Error strange(const std::string& what) {
  return Error(ErrorCode::kBug, "model of XGBoost: " + what);
}

// A split goes left on `<`; the leaf's value stands where the threshold of a split would.
Status add_tree(const Json& tree, std::int64_t number, std::int64_t output, bool with_zero,
                Lists& out) {
  const auto& left = tree["left_children"].items();
  const auto& right = tree["right_children"].items();
  const auto& feature = tree["split_indices"].items();
  const auto& value = tree["split_conditions"].items();
  const auto& to_left = tree["default_left"].items();
  const std::size_t count = left.size();
  if (count == 0 || right.size() != count || feature.size() != count || value.size() != count ||
      to_left.size() != count) {
    return strange("tree " + std::to_string(number) + " has lists of unequal length");
  }
  if (!tree["categories"].items().empty()) return strange("it splits on categories");
  for (std::size_t i = 0; i < count; ++i) {
    const bool leaf = left[i].as_integer(-1) < 0;
    const auto id = static_cast<std::int64_t>(i);
    const auto number_here = static_cast<float>(value[i].as_number());
    out.trees.push_back(number);
    out.ids.push_back(id);
    out.features.push_back(leaf ? 0 : feature[i].as_integer());
    out.modes.emplace_back(leaf ? "LEAF" : "BRANCH_LT");
    out.values.push_back(leaf ? 0.0F : number_here);
    out.yes.push_back(leaf ? 0 : left[i].as_integer());
    out.no.push_back(leaf ? 0 : right[i].as_integer());
    out.missing.push_back(!leaf && (to_left[i].as_bool() || to_left[i].as_integer() != 0) ? 1 : 0);
    if (!leaf) continue;
    // Two classes are written as margins 0 and m under a softmax, which is the logistic of m: a
    // lone margin would be read as a probability whenever no leaf is negative.
    if (with_zero) out.add_weight(number, id, 0, 0.0F);
    out.add_weight(number, id, output, number_here);
  }
  return {};
}

}  // namespace

Result<OpCall> model_trees(const Json& model, TreeTask task, std::int64_t classes,
                           std::int64_t rounds, float base) {
  const Json& booster = model["learner"]["gradient_booster"]["model"];
  const auto& trees = booster["trees"].items();
  const std::int64_t per_round = task == TreeTask::kMulticlass ? classes : 1;
  if (static_cast<std::int64_t>(trees.size()) < rounds * per_round) {
    return strange(std::to_string(trees.size()) + " trees, expected " +
                   std::to_string(rounds * per_round));
  }
  Lists lists;
  for (std::int64_t i = 0; i < rounds * per_round; ++i) {
    const std::int64_t output =
        task == TreeTask::kMulticlass ? i % classes : (task == TreeTask::kBinary ? 1 : 0);
    TENBIN_CHECK(add_tree(trees[static_cast<std::size_t>(i)], i, output,
                          task == TreeTask::kBinary && i == 0, lists));
  }
  OpCall call;
  call.domain = "ai.onnx.ml";
  call.name = "trees";
  call.inputs = {"features"};
  auto& a = call.attributes;
  const bool classify = task != TreeTask::kRegression;
  const std::string prefix = classify ? "class" : "target";
  if (classify) {
    call.op = "TreeEnsembleClassifier";
    call.outputs = {"label", "probabilities"};
    Ints labels;
    for (std::int64_t k = 0; k < classes; ++k) labels.push_back(k);
    a["classlabels_int64s"] = labels;
    a["post_transform"] = std::string("SOFTMAX");
    // No base_values: margins start from 0, and for two classes ONNX Runtime reads a pair of base
    // values in a way of its own.
    if (base != 0) return strange("a classifier with a base margin");
  } else {
    call.op = "TreeEnsembleRegressor";
    call.outputs = {"value"};
    a["n_targets"] = std::int64_t{1};
    a["base_values"] = std::vector<float>{base};
    a["post_transform"] = std::string("NONE");
  }
  a["nodes_treeids"] = std::move(lists.trees);
  a["nodes_nodeids"] = std::move(lists.ids);
  a["nodes_featureids"] = std::move(lists.features);
  a["nodes_modes"] = std::move(lists.modes);
  a["nodes_values"] = std::move(lists.values);
  a["nodes_truenodeids"] = std::move(lists.yes);
  a["nodes_falsenodeids"] = std::move(lists.no);
  a["nodes_missing_value_tracks_true"] = std::move(lists.missing);
  a[prefix + "_treeids"] = std::move(lists.leaf_trees);
  a[prefix + "_nodeids"] = std::move(lists.leaf_ids);
  a[prefix + "_ids"] = std::move(lists.leaf_outputs);
  a[prefix + "_weights"] = std::move(lists.leaf_weights);
  return call;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/forest.h"

#include <algorithm>
#include <map>
#include <string>

#include "engine/trees/tree_ensemble.h"

namespace tenbin {
namespace {

using Ints = std::vector<std::int64_t>;

// Too small to change a sum of floats, yet a negative weight.
constexpr float kFaintlyNegative = -1e-30F;

constexpr const char* kNodeLists[] = {
    "nodes_treeids", "nodes_nodeids",     "nodes_featureids",   "nodes_modes",
    "nodes_values",  "nodes_truenodeids", "nodes_falsenodeids", "nodes_missing_value_tracks_true",
    "nodes_hitrates"};
constexpr const char* kLeafLists[] = {"_treeids", "_nodeids", "_ids", "_weights"};

std::string prefix_of(const OpCall& call) {
  return call.op == "TreeEnsembleClassifier" ? "class" : "target";
}

using Key = std::pair<std::int64_t, std::int64_t>;  // tree, node

// Reads one tree at a time from the lists, which compile() has found sound.
class Reader {
 public:
  explicit Reader(const OpCall& call)
      : trees_(call.integers("nodes_treeids")),
        ids_(call.integers("nodes_nodeids")),
        features_(call.integers("nodes_featureids")),
        yes_(call.integers("nodes_truenodeids")),
        no_(call.integers("nodes_falsenodeids")),
        missing_(call.integers("nodes_missing_value_tracks_true")),
        modes_(call.texts("nodes_modes")),
        values_(call.numbers("nodes_values")),
        weights_(trees_.size()) {
    for (std::size_t i = 0; i < trees_.size(); ++i) places_[{trees_[i], ids_[i]}] = i;
    const std::string prefix = prefix_of(call);
    const Ints trees = call.integers(prefix + "_treeids"),
               nodes = call.integers(prefix + "_nodeids");
    const Ints outputs = call.integers(prefix + "_ids");
    const auto values = call.numbers(prefix + "_weights");
    for (std::size_t i = 0; i < trees.size(); ++i) {
      weights_[places_.at({trees[i], nodes[i]})].push_back(
          {static_cast<std::size_t>(outputs[i]), values[i]});
    }
  }

  std::vector<ForestTree> read() const {
    std::vector<bool> is_child(trees_.size(), false);
    for (std::size_t i = 0; i < trees_.size(); ++i) {
      if (modes_[i] == name_of(BranchMode::kLeaf)) continue;
      is_child[places_.at({trees_[i], yes_[i]})] = true;
      is_child[places_.at({trees_[i], no_[i]})] = true;
    }
    std::vector<ForestTree> out;
    for (std::size_t i = 0; i < trees_.size(); ++i) {
      if (!is_child[i]) out.push_back(read_tree(i));
    }
    return out;
  }

 private:
  ForestNode node(std::size_t i) const {
    ForestNode out;
    out.mode = *branch_mode_of(modes_[i]);
    if (out.is_leaf()) {
      out.weights = weights_[i];
      return out;
    }
    out.feature = static_cast<std::size_t>(features_[i]);
    out.threshold = values_[i];
    out.missing_is_yes = !missing_.empty() && missing_[i] != 0;
    return out;
  }

  ForestTree read_tree(std::size_t root) const {
    struct Open {
      std::size_t place, parent;
      bool is_yes;
    };
    ForestTree tree;
    std::vector<Open> open = {{root, 0, false}};
    while (!open.empty()) {
      const Open at = open.back();
      open.pop_back();
      const std::size_t here = tree.size();
      if (here > 0) (at.is_yes ? tree[at.parent].yes : tree[at.parent].no) = here;
      tree.push_back(node(at.place));
      if (tree.back().is_leaf()) continue;
      open.push_back({places_.at({trees_[at.place], no_[at.place]}), here, false});
      open.push_back({places_.at({trees_[at.place], yes_[at.place]}), here, true});
    }
    return tree;
  }

  Ints trees_, ids_, features_, yes_, no_, missing_;
  std::vector<std::string> modes_;
  std::vector<float> values_;
  std::vector<std::vector<LeafWeight>> weights_;  // by node
  std::map<Key, std::size_t> places_;
};

struct Named {
  std::vector<bool> outputs;
  bool all_positive = true;
};

Named named_by(const std::vector<ForestTree>& trees, std::size_t outputs) {
  Named out{std::vector<bool>(outputs, false), true};
  for (const ForestTree& tree : trees) {
    for (const ForestNode& node : tree) {
      for (const LeafWeight& weight : node.weights) {
        out.outputs[weight.output] = true;
        out.all_positive = out.all_positive && weight.value >= 0;
      }
    }
  }
  return out;
}

// One score alone for two classes.
bool is_lone(const Forest& forest) {
  return forest.is_classifier() && forest.outputs == 2 &&
         std::ranges::count(forest.named, true) == 1;
}

// The trees, with what keeps their meaning.
std::vector<ForestTree> meant_trees(const Forest& forest) {
  std::vector<ForestTree> trees = forest.trees;
  if (trees.empty()) trees.push_back({ForestNode{}});
  const Named now = named_by(trees, forest.outputs);
  for (std::size_t k = 0; k < forest.outputs; ++k) {
    if (!forest.named[k] || now.outputs[k]) continue;
    std::ranges::find_if(trees.front(), &ForestNode::is_leaf)->weights.push_back({k, 0.0F});
  }
  if (is_lone(forest) && !forest.all_positive && now.all_positive) {
    ForestNode leaf;
    leaf.weights = {{forest.named[0] ? 0U : 1U, kFaintlyNegative}};
    trees.push_back({leaf});
  }
  return trees;
}

}  // namespace

bool Forest::is_share() const { return is_lone(*this) && all_positive; }

std::size_t Forest::nodes() const {
  std::size_t count = 0;
  for (const ForestTree& tree : trees) count += tree.size();
  return count;
}

std::size_t Forest::columns() const {
  std::size_t columns = 0;
  for (const ForestTree& tree : trees) {
    for (const ForestNode& node : tree) {
      if (!node.is_leaf()) columns = std::max(columns, node.feature + 1);
    }
  }
  return columns;
}

bool is_forest(const OpCall& call) {
  return call.domain == "ai.onnx.ml" &&
         (call.op == "TreeEnsembleClassifier" || call.op == "TreeEnsembleRegressor");
}

Result<Forest> read_forest(const OpCall& call) {
  const std::string where = "node '" + call.name + "'";
  if (!is_forest(call)) return Error(ErrorCode::kBug, "'" + call.op + "' holds no trees", where);
  const std::string prefix = prefix_of(call);
  for (const std::string& key :
       {std::string("nodes_values_as_tensor"), prefix + "_weights_as_tensor",
        std::string("base_values_as_tensor"), std::string("nodes_hitrates_as_tensor")}) {
    if (call.find(key) == nullptr) continue;
    return Error(ErrorCode::kUnsupportedOp, call.op + ": " + key + ", expected lists of float32",
                 where);
  }
  Forest out;
  const std::size_t labels = std::max(call.texts("classlabels_strings").size(),
                                      call.integers("classlabels_int64s").size());
  const std::int64_t targets = call.integer("n_targets", 1);
  if (out.call = call; out.is_classifier() ? labels == 0 : targets < 1 || targets > 1'000'000) {
    return Error(ErrorCode::kBadModel, call.op + ": no classes or targets", where);
  }
  out.outputs = out.is_classifier() ? labels : static_cast<std::size_t>(targets);
  TENBIN_CHECK(TreeEnsemble::compile(call, prefix, out.outputs));
  out.trees = Reader(call).read();
  Named named = named_by(out.trees, out.outputs);
  out.named = std::move(named.outputs);
  out.all_positive = named.all_positive;
  for (const char* key : kNodeLists) out.call.attributes.erase(key);
  for (const char* key : kLeafLists) out.call.attributes.erase(prefix + key);
  return out;
}

OpCall write_forest(const Forest& forest) {
  Ints trees, ids, features, yes, no, missing, leaf_trees, leaf_ids, leaf_outputs;
  std::vector<std::string> modes;
  std::vector<float> values, leaf_weights;
  const std::vector<ForestTree> meant = meant_trees(forest);
  for (std::size_t t = 0; t < meant.size(); ++t) {
    for (std::size_t i = 0; i < meant[t].size(); ++i) {
      const ForestNode& node = meant[t][i];
      trees.push_back(static_cast<std::int64_t>(t));
      ids.push_back(static_cast<std::int64_t>(i));
      features.push_back(static_cast<std::int64_t>(node.feature));
      modes.emplace_back(name_of(node.mode));
      values.push_back(node.threshold);
      yes.push_back(static_cast<std::int64_t>(node.yes));
      no.push_back(static_cast<std::int64_t>(node.no));
      missing.push_back(node.missing_is_yes ? 1 : 0);
      for (const LeafWeight& weight : node.weights) {
        leaf_trees.push_back(trees.back());
        leaf_ids.push_back(ids.back());
        leaf_outputs.push_back(static_cast<std::int64_t>(weight.output));
        leaf_weights.push_back(weight.value);
      }
    }
  }
  OpCall call = forest.call;
  const std::string prefix = prefix_of(call);
  Attributes& a = call.attributes;
  a["nodes_treeids"] = std::move(trees);
  a["nodes_nodeids"] = std::move(ids);
  a["nodes_featureids"] = std::move(features);
  a["nodes_modes"] = std::move(modes);
  a["nodes_values"] = std::move(values);
  a["nodes_truenodeids"] = std::move(yes);
  a["nodes_falsenodeids"] = std::move(no);
  a["nodes_missing_value_tracks_true"] = std::move(missing);
  a[prefix + "_treeids"] = std::move(leaf_trees);
  a[prefix + "_nodeids"] = std::move(leaf_ids);
  a[prefix + "_ids"] = std::move(leaf_outputs);
  a[prefix + "_weights"] = std::move(leaf_weights);
  return call;
}

std::size_t leaf_of(const ForestTree& tree, const float* row) {
  std::size_t at = 0;
  while (!tree[at].is_leaf()) {
    const ForestNode& node = tree[at];
    const bool yes = goes_yes(node.mode, node.threshold, node.missing_is_yes, row[node.feature]);
    at = yes ? node.yes : node.no;
  }
  return at;
}

ForestTree rebuilt(const ForestTree& tree, std::span<const std::size_t> into) {
  struct Open {
    std::size_t from, parent;
    bool is_yes;
  };
  ForestTree out;
  std::vector<Open> open = {{0, 0, false}};
  while (!open.empty()) {
    const Open at = open.back();
    open.pop_back();
    std::size_t from = at.from;
    while (into[from] != from) from = into[from];
    const std::size_t here = out.size();
    if (here > 0) (at.is_yes ? out[at.parent].yes : out[at.parent].no) = here;
    out.push_back(tree[from]);
    if (out.back().is_leaf()) continue;
    open.push_back({tree[from].no, here, false});
    open.push_back({tree[from].yes, here, true});
  }
  return out;
}

}  // namespace tenbin

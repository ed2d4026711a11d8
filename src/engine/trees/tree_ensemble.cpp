// SPDX-License-Identifier: Apache-2.0
#include "engine/trees/tree_ensemble.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace tenbin {
namespace {

// Rows that go through one tree together: their features stay in the first cache.
constexpr std::size_t kBlockRows = 64;

Error bad_tree(const OpCall& call, const std::string& what) {
  return Error(ErrorCode::kBadModel, call.op + ": " + what, "node '" + call.name + "'");
}

}  // namespace

struct TreeEnsemble::Reader {
  using Key = std::pair<std::int64_t, std::int64_t>;  // tree, node

  const OpCall& call;
  TreeEnsemble& out;
  std::map<Key, std::uint32_t> places;

  Status read_nodes() {
    const auto trees = call.integers("nodes_treeids"), ids = call.integers("nodes_nodeids");
    const auto features = call.integers("nodes_featureids");
    const auto modes = call.texts("nodes_modes");
    const auto values = call.numbers("nodes_values");
    const auto yes = call.integers("nodes_truenodeids"), no = call.integers("nodes_falsenodeids");
    const auto missing = call.integers("nodes_missing_value_tracks_true");
    const std::size_t count = trees.size();
    for (const std::size_t size :
         {ids.size(), features.size(), modes.size(), values.size(), yes.size(), no.size()}) {
      if (size != count) return bad_tree(call, "lists of nodes have unequal lengths");
    }
    if (!missing.empty() && missing.size() != count) {
      return bad_tree(call, "nodes_missing_value_tracks_true has the wrong length");
    }
    if (count > UINT32_MAX / 2) return bad_tree(call, "too many nodes");
    out.nodes_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (!places.emplace(Key{trees[i], ids[i]}, static_cast<std::uint32_t>(i)).second) {
        return bad_tree(call, "node " + std::to_string(ids[i]) + " of tree " +
                                  std::to_string(trees[i]) + " stands twice");
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      Node& node = out.nodes_[i];
      const auto mode = branch_mode_of(modes[i]);
      if (!mode) return bad_tree(call, "unknown node mode '" + modes[i] + "'");
      node.mode = *mode;
      if (node.mode == Mode::kLeaf) continue;
      if (features[i] < 0 || features[i] > UINT32_MAX / 2) {
        return bad_tree(call, "feature " + std::to_string(features[i]));
      }
      const auto y = places.find({trees[i], yes[i]}), n = places.find({trees[i], no[i]});
      if (y == places.end() || n == places.end()) {
        return bad_tree(call, "a child of node " + std::to_string(ids[i]) + " does not exist");
      }
      node.value = values[i];
      node.feature = static_cast<std::uint32_t>(features[i]);
      node.yes = y->second;
      node.no = n->second;
      node.missing_is_yes = !missing.empty() && missing[i] != 0;
      out.columns_ = std::max(out.columns_, static_cast<std::size_t>(node.feature) + 1);
      out.only_less_ = out.only_less_ && node.mode == Mode::kLess;
    }
    return find_roots(trees);
  }

  // The root of a tree is its node that is nobody's child. With one parent a node, a walk from a
  // root meets no cycle; a cycle would be out of its reach.
  Status find_roots(const std::vector<std::int64_t>& trees) {
    std::vector<std::uint8_t> parents(out.nodes_.size(), 0);
    for (const Node& node : out.nodes_) {
      if (node.mode == Mode::kLeaf) continue;
      for (const std::uint32_t child : {node.yes, node.no}) {
        if (parents[child] != 0) return bad_tree(call, "a node has two parents");
        parents[child] = 1;
      }
    }
    std::set<std::int64_t> rooted, all(trees.begin(), trees.end());
    for (std::size_t i = 0; i < parents.size(); ++i) {
      if (parents[i] != 0) continue;
      if (!rooted.insert(trees[i]).second) return bad_tree(call, "a tree has two roots");
      out.roots_.push_back(static_cast<std::uint32_t>(i));
    }
    if (rooted != all) return bad_tree(call, "a tree has no root");
    std::vector<std::uint32_t> open = out.roots_;
    std::size_t reached = 0;
    for (; !open.empty(); ++reached) {
      const Node& node = out.nodes_[open.back()];
      open.pop_back();
      if (node.mode != Mode::kLeaf) open.insert(open.end(), {node.yes, node.no});
    }
    if (reached != parents.size()) return bad_tree(call, "nodes form a cycle");
    return {};
  }

  Status read_weights(const std::string& prefix) {
    const auto trees = call.integers(prefix + "_treeids");
    const auto ids = call.integers(prefix + "_nodeids");
    const auto outputs = call.integers(prefix + "_ids");
    const auto values = call.numbers(prefix + "_weights");
    if (ids.size() != trees.size() || outputs.size() != trees.size() ||
        values.size() != trees.size()) {
      return bad_tree(call, "lists of leaf weights have unequal lengths");
    }
    std::vector<std::vector<Weight>> of_node(out.nodes_.size());
    std::set<std::int64_t> named;
    for (std::size_t i = 0; i < trees.size(); ++i) {
      const auto found = places.find({trees[i], ids[i]});
      if (found == places.end() || out.nodes_[found->second].mode != Mode::kLeaf) {
        return bad_tree(call, "a weight belongs to no leaf");
      }
      if (outputs[i] < 0 || outputs[i] >= static_cast<std::int64_t>(out.outputs_)) {
        return bad_tree(call, "a weight names output " + std::to_string(outputs[i]) + " of " +
                                  std::to_string(out.outputs_));
      }
      of_node[found->second].push_back({static_cast<std::uint32_t>(outputs[i]), values[i]});
      named.insert(outputs[i]);
      out.all_positive_ = out.all_positive_ && values[i] >= 0;
    }
    out.named_outputs_ = named.size();
    for (std::size_t i = 0; i < of_node.size(); ++i) {
      Node& node = out.nodes_[i];
      if (node.mode != Mode::kLeaf) continue;
      node.feature = static_cast<std::uint32_t>(out.weights_.size());
      node.yes = static_cast<std::uint32_t>(of_node[i].size());
      out.weights_.insert(out.weights_.end(), of_node[i].begin(), of_node[i].end());
    }
    return {};
  }
};

Result<TreeEnsemble> TreeEnsemble::compile(const OpCall& call, const std::string& prefix,
                                           std::size_t outputs) {
  TreeEnsemble out;
  out.outputs_ = outputs;
  Reader reader{call, out, {}};
  TENBIN_CHECK(reader.read_nodes());
  TENBIN_CHECK(reader.read_weights(prefix));
  return out;
}

template <bool only_less>
const TreeEnsemble::Node& TreeEnsemble::leaf_of(std::uint32_t root, const float* row) const {
  const Node* const nodes = nodes_.data();
  const Node* node = nodes + root;
  while (node->mode != Mode::kLeaf) {
    const float x = row[node->feature];
    bool yes = false;
    if constexpr (only_less) {
      yes = x < node->value || (node->missing_is_yes && x != x);
    } else {
      yes = goes_yes(node->mode, node->value, node->missing_is_yes, x);
    }
    node = nodes + (yes ? node->yes : node->no);
  }
  return *node;
}

void TreeEnsemble::extremes(std::span<const float> features, std::size_t columns, std::size_t rows,
                            bool greatest, std::span<float> out) const {
  std::vector<bool> seen(outputs_);
  for (std::size_t r = 0; r < rows; ++r) {
    seen.assign(outputs_, false);
    for (const std::uint32_t root : roots_) {
      const Node& leaf = leaf_of<false>(root, features.data() + r * columns);
      for (std::uint32_t k = 0; k < leaf.yes; ++k) {
        const Weight& weight = weights_[leaf.feature + k];
        float& best = out[r * outputs_ + weight.output];
        if (!seen[weight.output] || (weight.value > best) == greatest) best = weight.value;
        seen[weight.output] = true;
      }
    }
  }
}

template <bool only_less>
void TreeEnsemble::add_tree(std::uint32_t root, const float* features, std::size_t columns,
                            std::size_t rows, float* sums) const {
  for (std::size_t r = 0; r < rows; ++r) {
    const Node& leaf = leaf_of<only_less>(root, features + r * columns);
    const Weight* weight = weights_.data() + leaf.feature;
    for (std::uint32_t k = 0; k < leaf.yes; ++k, ++weight) {
      sums[r * outputs_ + weight->output] += weight->value;
    }
  }
}

void TreeEnsemble::add_sums(std::span<const float> features, std::size_t columns, std::size_t rows,
                            std::span<float> sums) const {
  for (std::size_t begin = 0; begin < rows; begin += kBlockRows) {
    const std::size_t some = std::min(kBlockRows, rows - begin);
    const float* const from = features.data() + begin * columns;
    float* const to = sums.data() + begin * outputs_;
    for (const std::uint32_t root : roots_) {
      if (only_less_) {
        add_tree<true>(root, from, columns, some, to);
      } else {
        add_tree<false>(root, from, columns, some, to);
      }
    }
  }
}

}  // namespace tenbin

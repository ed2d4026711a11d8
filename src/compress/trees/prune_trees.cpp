// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/prune_trees.h"

#include <algorithm>
#include <array>
#include <queue>

#include "compress/trees/forest_rows.h"
#include "compress/trees/merge_trees.h"
#include "compress/trees/tree_nodes.h"

namespace tenbin {
namespace {

constexpr std::array<std::string_view, 3> kCutNames = {"splits", "trees", "late-trees"};

// What a leaf counts beside its rows, so that leaves without any have a mean too.
constexpr double kFaintRow = 1e-6;

// A cut tells all nodes above it: a chain of nodes, which nobody trains, would take for ever.
constexpr std::size_t kDeepest = 1'000;

Status check_depth(const Forest& forest) {
  for (const ForestTree& tree : forest.trees) {
    std::vector<std::size_t> depth(tree.size(), 0);
    for (std::size_t i = 0; i < tree.size(); ++i) {
      if (tree[i].is_leaf()) continue;
      depth[tree[i].yes] = depth[tree[i].no] = depth[i] + 1;
      if (depth[i] < kDeepest) continue;
      return Error(
          ErrorCode::kTooLarge,
          "a tree deeper than " + std::to_string(kDeepest) + " splits, the most for pruning",
          "node '" + forest.call.name + "'");
    }
  }
  return {};
}

// One tree with what its rows say of each node, were it a leaf.
class Prunable {
 public:
  Prunable(const ForestTree& tree, const std::vector<std::uint32_t>& leaf)
      : tree_(tree),
        outputs_(outputs_of(tree)),
        parent_(tree.size(), 0),
        live_(tree.size(), 1),
        into_leaf_(tree.size(), false),
        rows_(tree.size(), 0),
        error_(tree.size(), 0),
        below_(tree.size(), 0),
        sums_(tree.size() * outputs_.size(), 0) {
    for (const std::uint32_t place : leaf) rows_[place] += 1;
    std::vector<double> squares(tree.size(), 0);
    for (std::size_t i = tree.size(); i-- > 0;) {
      const ForestNode& node = tree[i];
      if (node.is_leaf()) {
        rows_[i] += kFaintRow;
        add_weights(i, squares[i]);
        continue;
      }
      rows_[i] = rows_[node.yes] + rows_[node.no];
      squares[i] = squares[node.yes] + squares[node.no];
      live_[i] = 1 + live_[node.yes] + live_[node.no];
      parent_[node.yes] = parent_[node.no] = i;
      for (std::size_t k = 0; k < outputs_.size(); ++k) {
        sum(i, k) = sum(node.yes, k) + sum(node.no, k);
      }
      double kept = 0;
      for (std::size_t k = 0; k < outputs_.size(); ++k) kept += sum(i, k) * mean(i, k);
      error_[i] = std::max(0.0, squares[i] - kept);
    }
  }

  std::size_t size() const { return tree_.size(); }
  bool can_cut(std::size_t i) const { return live_[i] > 1 && !gone(i); }
  // Nodes that a cut at i frees. A tree that is one leaf joins the others of its kind.
  std::size_t freed(std::size_t i) const { return i == 0 ? live_[0] : live_[i] - 1; }
  // Squared error that a cut at i adds, for each node it frees.
  double price(std::size_t i) const {
    return std::max(0.0, error_[i] - below_[i]) / static_cast<double>(freed(i));
  }

  // Makes node i a leaf; calls `changed` for each node above, from below to the root.
  template <class Changed> void cut(std::size_t i, const Changed& changed) {
    const std::size_t removed = live_[i] - 1;
    const double added = error_[i] - below_[i];
    into_leaf_[i] = true;
    live_[i] = 1;
    below_[i] = error_[i];
    for (std::size_t at = i; at != 0;) {
      at = parent_[at];
      live_[at] -= removed;
      below_[at] += added;
      changed(at);
    }
  }

  ForestTree result() const {
    ForestTree out = tree_;
    std::vector<std::size_t> into(out.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      into[i] = i;
      if (!into_leaf_[i]) continue;
      out[i] = ForestNode{};
      for (std::size_t k = 0; k < outputs_.size(); ++k) {
        out[i].weights.push_back({outputs_[k], static_cast<float>(mean(i, k))});
      }
    }
    return rebuilt(out, into);
  }

 private:
  double& sum(std::size_t node, std::size_t k) { return sums_[node * outputs_.size() + k]; }
  double mean(std::size_t node, std::size_t k) const {
    return sums_[node * outputs_.size() + k] / rows_[node];
  }
  void add_weights(std::size_t i, double& squares) {
    for (const LeafWeight& w : tree_[i].weights) {
      const auto k =
          static_cast<std::size_t>(std::ranges::find(outputs_, w.output) - outputs_.begin());
      sum(i, k) += rows_[i] * static_cast<double>(w.value);
    }
    for (std::size_t k = 0; k < outputs_.size(); ++k) squares += sum(i, k) * mean(i, k);
  }
  bool gone(std::size_t i) const {
    while (i != 0) {
      i = parent_[i];
      if (into_leaf_[i]) return true;
    }
    return false;
  }

  const ForestTree& tree_;
  std::vector<std::size_t> outputs_, parent_, live_;
  std::vector<bool> into_leaf_;
  std::vector<double> rows_, error_, below_, sums_;
};

struct Offer {
  double price = 0;
  std::size_t tree = 0, node = 0, freed = 0;
  // The cheapest first; of equal ones the later tree, then the node farther down.
  bool operator<(const Offer& other) const {
    if (price != other.price) return price > other.price;
    return tree != other.tree ? tree < other.tree : node < other.node;
  }
};

// Cuts until `most` nodes are left.
void cut_splits(std::vector<Prunable>& trees, std::size_t nodes, std::size_t most) {
  std::priority_queue<Offer> offers;
  const auto offer = [&](std::size_t t, std::size_t i) {
    if (trees[t].can_cut(i)) offers.push({trees[t].price(i), t, i, trees[t].freed(i)});
  };
  for (std::size_t t = 0; t < trees.size(); ++t) {
    for (std::size_t i = 0; i < trees[t].size(); ++i) offer(t, i);
  }
  while (nodes > most && !offers.empty()) {
    const Offer best = offers.top();
    offers.pop();
    Prunable& tree = trees[best.tree];
    // An offer whose subtree has changed since was made anew then.
    if (!tree.can_cut(best.node) || tree.freed(best.node) != best.freed) continue;
    nodes -= best.freed;
    tree.cut(best.node, [&](std::size_t above) { offer(best.tree, above); });
  }
}

void cut_trees(std::vector<Prunable>& trees, std::size_t nodes, std::size_t most, bool late) {
  std::vector<std::size_t> order;
  for (std::size_t t = trees.size(); t-- > 0;) {
    if (trees[t].can_cut(0)) order.push_back(t);
  }
  if (!late) {
    std::ranges::stable_sort(order, {}, [&](std::size_t t) { return trees[t].price(0); });
  }
  for (const std::size_t t : order) {
    if (nodes <= most) return;
    nodes -= trees[t].freed(0);
    trees[t].cut(0, [](std::size_t) {});
  }
}

Status check(const PruneTreesOptions& o, double nodes_kept) {
  const auto bad = [](const std::string& what, const std::string& range) {
    return Error(ErrorCode::kBadValue, what + ", expected " + range);
  };
  if (!(nodes_kept > 0 && nodes_kept <= 1)) {
    return bad("share " + std::to_string(nodes_kept) + " of nodes to keep", "above 0, at most 1");
  }
  if (o.refit_passes < 0 || o.refit_passes > 1'000) {
    return bad("refit_passes " + std::to_string(o.refit_passes), "0 to 1000");
  }
  if (!(o.ridge >= 0 && o.ridge <= 1e6)) {
    return bad("ridge " + std::to_string(o.ridge), "0 to 1e6");
  }
  if (o.most_rows < 1 || o.most_rows > 1'000'000) {
    return bad("most_rows " + std::to_string(o.most_rows), "1 to 1000000");
  }
  return {};
}

}  // namespace

std::string OptionText<TreeCut>::print(TreeCut cut) {
  return std::string(kCutNames[static_cast<std::size_t>(cut)]);
}

Result<TreeCut> OptionText<TreeCut>::parse(std::string_view text) {
  for (std::size_t i = 0; i < kCutNames.size(); ++i) {
    if (kCutNames[i] == text) return static_cast<TreeCut>(i);
  }
  return Error(ErrorCode::kBadValue,
               "'" + std::string(text) + "', expected one of splits, trees, late-trees");
}

Result<Graph> prune_trees(const Graph& graph, const Tensor& features, double nodes_kept,
                          const PruneTreesOptions& options, const StopQuestion& may_go_on) {
  TENBIN_CHECK(check(options, nodes_kept));
  TENBIN_TRY(const std::size_t at, find_tree_node(graph, options.node));
  TENBIN_TRY(const Forest before, read_forest(graph.nodes[at]));
  TENBIN_CHECK(check_is_sum(before));
  TENBIN_CHECK(check_depth(before));
  TENBIN_TRY(const Tensor rows, rows_for(before, features, options.most_rows));
  const auto most =
      static_cast<std::size_t>(std::max(1.0, nodes_kept * static_cast<double>(before.nodes())));
  Forest after = merge_forest(before);
  if (after.nodes() > most) {
    const Leaves leaves = leaves_of(after, rows);
    std::vector<Prunable> trees;
    for (std::size_t t = 0; t < after.trees.size(); ++t) {
      trees.emplace_back(after.trees[t], leaves[t]);
    }
    // One less for the leaf that trees without splits become together.
    if (options.cut == TreeCut::kSplits) {
      cut_splits(trees, after.nodes(), most - 1);
    } else {
      cut_trees(trees, after.nodes(), most - 1, options.cut == TreeCut::kLateTrees);
    }
    Forest cut = after;
    for (std::size_t t = 0; t < trees.size(); ++t) cut.trees[t] = trees[t].result();
    after = merge_forest(cut);
    const RefitOptions refit{options.refit_passes, options.ridge,
                             before.is_classifier() && before.all_positive};
    TENBIN_CHECK(
        refit_leaves(after, leaves_of(after, rows), margins_of(before, rows), refit, may_go_on));
  }
  Graph out = graph;
  out.nodes[at] = write_forest(after);
  return out;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/options.h"
#include "base/result.h"
#include "base/stop_question.h"
#include "compress/trees/forest.h"
#include "graph/graph.h"
#include "tensor/tensor.h"

namespace tenbin {

// What is taken out first: the split, anywhere, whose loss does least to the score a node; the tree
// as a whole that does least; or the last trees, late rounds of boosting.
// At the same number of nodes kSplits keeps the answers best, but leaves more trees to walk: whole
// trees make a run faster.
enum class TreeCut { kSplits, kTrees, kLateTrees };

template <> struct OptionText<TreeCut> {
  static constexpr const char* kType = "tree-cut";
  static std::string print(TreeCut cut);
  static Result<TreeCut> parse(std::string_view text);  // splits, trees, late-trees
};

struct PruneTreesOptions {
  TreeCut cut = TreeCut::kSplits;
  std::int64_t refit_passes = 20;
  double ridge = 1;
  std::int64_t most_rows = 20'000;
  std::string node;
  template <class Fields> static void describe(Fields& f) {
    f("cut", &PruneTreesOptions::cut, "What is taken out first: splits, trees or late-trees.");
    f("refit_passes", &PruneTreesOptions::refit_passes,
      "Passes over the trees that fit leaf weights again; 0: leaves keep their means [0..1000].");
    f("ridge", &PruneTreesOptions::ridge,
      "Pull of a refitted leaf to its mean before, in rows [0..1e6].");
    f("most_rows", &PruneTreesOptions::most_rows,
      "Rows that are looked at, evenly from those given [1..1000000].");
    f("node", &PruneTreesOptions::node, "Name of the tree ensemble; empty: the only one.");
  }
};

// Takes splits or trees out of the ensemble until at most the share `nodes_kept` of its nodes is
// left, at least one node; then merges (merge_trees.h) and refits. `features` [n, columns], floats,
// are rows as the ensemble reads them (tree_features, tree_nodes.h); no labels are needed. The
// answers change: measure them.
//
// A split becomes a leaf with the mean of the leaves below, over the rows that fall there. Its
// price is the squared error this adds to the raw score, over the nodes it frees (weakest link,
// Breiman et al. 1984, Classification and Regression Trees, over all trees at once); splits that no
// row reaches are free. The refit is a ridge regression of the raw scores before on the leaves that
// rows fall into, by passes over the trees in which each leaf takes the mean residual (Ren et al.
// 2015, Global Refinement of Random Forest, with the score in place of labels). Leaves of a
// classifier whose weights are all shares stay such: not negative, their sum kept.
//
// `may_go_on` is asked before each pass of the refit. Errors: its own; kBadValue for a share
// outside (0, 1], an option outside its range, or which ensemble; kEmptyData; kInputMismatch for
// features of another shape; kUnsupportedOp for an ensemble that does not add its trees up; those
// of read_forest.
Result<Graph> prune_trees(const Graph& graph, const Tensor& features, double nodes_kept,
                          const PruneTreesOptions& options = {},
                          const StopQuestion& may_go_on = {});

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/trees/branch.h"
#include "tensor/op_call.h"

namespace tenbin {

struct LeafWeight {
  std::size_t output = 0;
  float value = 0;
  bool operator==(const LeafWeight&) const = default;
};

struct ForestNode {
  BranchMode mode = BranchMode::kLeaf;
  bool missing_is_yes = false;
  std::size_t feature = 0;
  float threshold = 0;
  std::size_t yes = 0, no = 0;      // places in the tree
  std::vector<LeafWeight> weights;  // of a leaf
  bool is_leaf() const { return mode == BranchMode::kLeaf; }
};

// A tree in the order of a walk that goes to the true side first: its root stands first, and the
// nodes below one stand right behind it.
using ForestTree = std::vector<ForestNode>;

// The trees of a TreeEnsembleClassifier or -Regressor (ai.onnx.ml) in a form that can be edited.
// A plain value. Writing may add what keeps the meaning of an edited classifier: a zero weight for
// a class that lost its last leaf, and, as ONNX reads one score of two classes as a share unless a
// weight is negative, a lone leaf of -1e-30.
//
// There is no method that rounds thresholds or leaf weights, as it was tried and gains nothing:
// ONNX stores each number as a float32 whatever its value, so that the file keeps its size to the
// byte; our engine's nodes hold a float each, and runs took the same time within 5 %; and boosting
// on histograms has rounded thresholds to at most 256 a feature before. With leaf weights of 8 bits
// and 63 thresholds a feature, merge_forest then took out 0.08 % of the nodes of a classifier of
// four classes and none of two; with 15, 1.8 % and 0.3 %, for 4.6 points of accuracy of the former.
struct Forest {
  OpCall call;  // the node without its lists of nodes and leaves
  std::size_t outputs = 1;
  std::vector<ForestTree> trees;
  // As read: whether leaves name an output, and whether no weight was negative.
  std::vector<bool> named;
  bool all_positive = true;

  bool is_classifier() const { return call.op == "TreeEnsembleClassifier"; }
  // Whether the answer is the sum over trees; else trees may not be added, dropped or joined.
  bool is_sum() const { return call.text("aggregate_function", "SUM") == "SUM"; }
  // Whether the lone score of two classes is the share of one of them.
  bool is_share() const;
  std::size_t nodes() const;
  std::size_t columns() const;  // highest feature that a node asks for, plus 1
};

bool is_forest(const OpCall& call);

// Errors: kBadModel as TreeEnsemble::compile; kUnsupportedOp for lists that are tensors (float64).
Result<Forest> read_forest(const OpCall& call);

// The same answers, bit by bit, for a forest as read. nodes_hitrates, which change no answer, are
// left out; nodes_missing_value_tracks_true is always there.
OpCall write_forest(const Forest& forest);

// The place of the leaf that a row falls into; `row` has as many columns as the forest asks for.
std::size_t leaf_of(const ForestTree& tree, const float* row);

// The tree with some nodes put in the place of others: into[i] is the node that stands in for node
// i, below it, or i itself if it stays. Nodes that nothing reaches any more, such as those below
// one that was made a leaf, are left out.
ForestTree rebuilt(const ForestTree& tree, std::span<const std::size_t> into);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/trees/branch.h"
#include "tensor/op_call.h"

namespace tenbin {

// The decision trees of a TreeEnsembleClassifier or -Regressor (ai.onnx.ml 3) as flat arrays:
// sums the weights of the leaves that rows of floats fall into. Read-only once compiled; threads
// may share it.
class TreeEnsemble {
 public:
  // `prefix` is "class" or "target": which attributes hold the leaf weights. Errors kBadModel:
  // lists of unequal length, children that do not exist or form a cycle, an unknown branch mode.
  static Result<TreeEnsemble> compile(const OpCall& call, const std::string& prefix,
                                      std::size_t outputs);

  // Adds to sums [rows, outputs] (row-major, set before) the leaf weights of features
  // [rows, columns]; columns >= columns().
  void add_sums(std::span<const float> features, std::size_t columns, std::size_t rows,
                std::span<float> sums) const;

  // The least or the greatest leaf weight of each output over all trees, in place of their sum; 0
  // for an output that no leaf of the row names. Sizes as above.
  void extremes(std::span<const float> features, std::size_t columns, std::size_t rows,
                bool greatest, std::span<float> out) const;

  std::size_t outputs() const { return outputs_; }
  std::size_t columns() const { return columns_; }  // highest feature that a node asks for, plus 1
  std::size_t trees() const { return roots_.size(); }
  // Whether no leaf weight is negative, and how many different outputs leaves name: they decide
  // how the operator reads a classifier of two classes.
  bool all_positive() const { return all_positive_; }
  std::size_t named_outputs() const { return named_outputs_; }

 private:
  using Mode = BranchMode;
  struct Node {
    float value = 0;                // threshold; of a leaf with one weight: that weight
    std::uint32_t feature = 0;      // of a leaf: first of its weights
    std::uint32_t yes = 0, no = 0;  // of a leaf: number of weights, output of the first
    Mode mode = Mode::kLeaf;
    bool missing_is_yes = false;
  };
  struct Weight {
    std::uint32_t output = 0;
    float value = 0;
  };
  struct Reader;

  // The leaf that a row falls into.
  template <bool only_less> const Node& leaf_of(std::uint32_t root, const float* row) const;
  template <bool only_less>
  void add_tree(std::uint32_t root, const float* features, std::size_t columns, std::size_t rows,
                float* sums) const;

  std::vector<Node> nodes_;
  std::vector<Weight> weights_;
  std::vector<std::uint32_t> roots_;
  std::size_t outputs_ = 1, columns_ = 0, named_outputs_ = 0;
  bool all_positive_ = true, only_less_ = true;
};

}  // namespace tenbin

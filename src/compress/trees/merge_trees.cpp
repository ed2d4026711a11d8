// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/merge_trees.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace tenbin {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

float before(float x) { return std::nextafter(x, -kInfinity); }
float after(float x) { return std::nextafter(x, kInfinity); }

// The values of one feature that reach a node: floats from least to most (none if least > most),
// and perhaps the missing one.
struct Reach {
  float least = -kInfinity, most = kInfinity;
  bool missing = true;
  bool any() const { return missing || least <= most; }
};

struct Sides {
  Reach yes, no;
};

constexpr Reach kNothing = {1, 0, false};

// Nothing lies before -inf or behind +inf, where nextafter stays.
Reach below(const Reach& all, float t, bool with_t) {
  if (!with_t && t == -kInfinity) return kNothing;
  return {all.least, std::min(all.most, with_t ? t : before(t)), false};
}
Reach above(const Reach& all, float t, bool with_t) {
  if (!with_t && t == kInfinity) return kNothing;
  return {std::max(all.least, with_t ? t : after(t)), all.most, false};
}
Reach without(const Reach& all, float t) {
  Reach out = all;
  out.missing = false;
  if (all.least == t && all.most == t) return kNothing;
  if (out.least == t) out.least = after(t);
  if (out.most == t) out.most = before(t);
  return out;
}
Reach exactly(const Reach& all, float t) {
  return t >= all.least && t <= all.most ? Reach{t, t, false} : kNothing;
}

Sides sides_of(const ForestNode& node, const Reach& all) {
  const float t = node.threshold;
  Reach numbers = all;
  numbers.missing = false;
  Sides out;
  switch (node.mode) {
    case BranchMode::kLess: out = {below(all, t, false), above(all, t, true)}; break;
    case BranchMode::kLessEqual: out = {below(all, t, true), above(all, t, false)}; break;
    case BranchMode::kGreater: out = {above(all, t, false), below(all, t, true)}; break;
    case BranchMode::kGreaterEqual: out = {above(all, t, true), below(all, t, false)}; break;
    case BranchMode::kEqual: out = {exactly(all, t), without(all, t)}; break;
    case BranchMode::kNotEqual: out = {without(all, t), exactly(all, t)}; break;
    case BranchMode::kLeaf: break;
  }
  if (std::isnan(t)) {  // no comparison holds, but that of unequal
    out = {kNothing, numbers};
    if (node.mode == BranchMode::kNotEqual) std::swap(out.yes, out.no);
  }
  const bool missing_yes =
      goes_yes(node.mode, t, node.missing_is_yes, std::numeric_limits<float>::quiet_NaN());
  (missing_yes ? out.yes : out.no).missing = all.missing;
  return out;
}

// The node that stands in for each split of which one side cannot be reached.
std::vector<std::size_t> unreached(const ForestTree& tree) {
  std::vector<std::size_t> into(tree.size());
  for (std::size_t i = 0; i < into.size(); ++i) into[i] = i;
  std::map<std::size_t, Reach> reach;  // by feature, on the way to the node at hand
  struct Step {
    std::size_t node, feature;
    Reach now;  // of the feature, from here on
    bool undo;
  };
  std::vector<Step> open;
  const auto visit = [&](std::size_t i) {
    const ForestNode& node = tree[i];
    if (node.is_leaf()) return;
    const Reach all = reach[node.feature];
    const Sides sides = sides_of(node, all);
    open.push_back({i, node.feature, all, true});
    if (sides.no.any()) open.push_back({node.no, node.feature, sides.no, false});
    if (sides.yes.any()) open.push_back({node.yes, node.feature, sides.yes, false});
    if (!sides.no.any()) into[i] = node.yes;
    if (!sides.yes.any()) into[i] = node.no;
  };
  visit(0);
  while (!open.empty()) {
    const Step step = open.back();
    open.pop_back();
    reach[step.feature] = step.now;
    if (!step.undo) visit(step.node);
  }
  return into;
}

std::uint32_t bits(float x) { return std::bit_cast<std::uint32_t>(x); }

// A split or a leaf in a form that has an order; children by the numbers of their subtrees.
using Pattern = std::vector<std::uint64_t>;

Pattern shape_of(const ForestNode& node, std::uint64_t yes, std::uint64_t no) {
  if (!node.is_leaf()) {
    return {static_cast<std::uint64_t>(node.mode), node.feature, bits(node.threshold),
            node.missing_is_yes ? 1U : 0U,         yes,          no};
  }
  Pattern out = {static_cast<std::uint64_t>(node.mode)};
  for (const LeafWeight& weight : node.weights) {
    out.push_back(weight.output);
    out.push_back(bits(weight.value));
  }
  return out;
}

// Adds to `into` the splits whose two sides, after what `into` takes out, are equal.
void join_equal_sides(const ForestTree& tree, std::vector<std::size_t>& into) {
  std::map<Pattern, std::uint64_t> numbers;
  std::vector<std::uint64_t> number(tree.size());
  for (std::size_t i = tree.size(); i-- > 0;) {
    const ForestNode& node = tree[i];
    if (into[i] == i && !node.is_leaf() && number[node.yes] == number[node.no]) into[i] = node.yes;
    if (into[i] != i) {
      number[i] = number[into[i]];
      continue;
    }
    const std::uint64_t yes = node.is_leaf() ? 0 : number[node.yes];
    const std::uint64_t no = node.is_leaf() ? 0 : number[node.no];
    number[i] = numbers.emplace(shape_of(node, yes, no), numbers.size()).first->second;
  }
}

bool is_zero(const ForestTree& tree) {
  return std::ranges::all_of(tree, [](const ForestNode& node) {
    return std::ranges::all_of(node.weights, [](const LeafWeight& w) { return w.value == 0; });
  });
}

// All splits of a tree, in order; trees of one key have their leaves at the same places.
Pattern splits_of(const ForestTree& tree) {
  Pattern out;
  for (const ForestNode& node : tree) {
    if (node.is_leaf()) {
      out.push_back(static_cast<std::uint64_t>(BranchMode::kLeaf));
      continue;
    }
    const Pattern shape = shape_of(node, node.yes, node.no);
    out.insert(out.end(), shape.begin(), shape.end());
  }
  return out;
}

// The sum of trees with equal splits, in double, rounded once.
ForestTree sum_of(const std::vector<const ForestTree*>& trees) {
  ForestTree out = *trees.front();
  for (std::size_t i = 0; trees.size() > 1 && i < out.size(); ++i) {
    std::map<std::size_t, double> sums;
    for (const ForestTree* tree : trees) {
      for (const LeafWeight& w : (*tree)[i].weights) sums[w.output] += static_cast<double>(w.value);
    }
    out[i].weights.clear();
    for (const auto& [output, sum] : sums) {
      out[i].weights.push_back({output, static_cast<float>(sum)});
    }
  }
  return out;
}

}  // namespace

Forest merge_forest(const Forest& forest) {
  Forest out = forest;
  for (ForestTree& tree : out.trees) {
    std::vector<std::size_t> into = unreached(tree);
    join_equal_sides(tree, into);
    tree = rebuilt(tree, into);
  }
  if (!out.is_sum()) return out;
  const std::vector<ForestTree> trees = std::move(out.trees);
  out.trees.clear();
  std::map<Pattern, std::size_t> group_of;
  std::vector<std::vector<const ForestTree*>> groups;  // in the order of their first trees
  for (const ForestTree& tree : trees) {
    if (is_zero(tree)) continue;
    const auto [found, is_new] = group_of.emplace(splits_of(tree), groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].push_back(&tree);
  }
  for (const auto& group : groups) out.trees.push_back(sum_of(group));
  return out;
}

Result<Graph> merge_trees(const Graph& graph) {
  Graph out = graph;
  for (OpCall& call : out.nodes) {
    if (!is_forest(call)) continue;
    TENBIN_TRY(const Forest forest, read_forest(call));
    call = write_forest(merge_forest(forest));
  }
  return out;
}

}  // namespace tenbin

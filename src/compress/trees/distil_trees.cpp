// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/distil_trees.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "compress/trees/forest.h"
#include "compress/trees/forest_rows.h"
#include "compress/trees/merge_trees.h"
#include "compress/trees/tree_nodes.h"

namespace tenbin {
namespace {

constexpr std::int64_t kLeastRows = 10;
constexpr std::size_t kHeldBack = 5;  // one of so many

// Rows of features with one output of the old trees.
struct Part {
  std::vector<float> features, targets;
  TreeRows rows(std::size_t columns) const {
    TreeRows out;
    out.features = features;
    out.rows = targets.size();
    out.columns = columns;
    out.targets = targets;
    return out;
  }
};

ForestTree one_leaf(std::size_t output, float value) {
  ForestNode leaf;
  leaf.weights = {{output, value}};
  return {leaf};
}

// Trees that give `output` as the old ones do.
Status learn_output(const Tensor& rows, std::span<const double> margins, std::size_t output,
                    const TreeOptions& student, const StopQuestion& may_go_on, Forest& into) {
  const auto n = static_cast<std::size_t>(rows.shape()[0]);
  const auto columns = static_cast<std::size_t>(rows.shape()[1]);
  Part train, valid;
  double least = margins[output], most = least;
  for (std::size_t r = 0; r < n; ++r) {
    Part& part = r % kHeldBack == 0 ? valid : train;
    const auto row = rows.data<float>().subspan(r * columns, columns);
    part.features.insert(part.features.end(), row.begin(), row.end());
    const double margin = margins[r * into.outputs + output];
    part.targets.push_back(static_cast<float>(margin));
    least = std::min(least, margin);
    most = std::max(most, margin);
  }
  if (least == most) {
    into.trees.push_back(one_leaf(output, static_cast<float>(least)));
    return {};
  }
  std::optional<Error> refused;
  TreeHooks hooks;
  hooks.should_stop = [&]() -> std::optional<std::string> {
    const Status status = may_go_on();
    if (status.ok()) return std::nullopt;
    refused = status.error();
    return refused->message();
  };
  TENBIN_TRY(const TreeFit fit, fit_trees(TreeTask::kRegression, 1, train.rows(columns),
                                          valid.rows(columns), student, hooks));
  if (refused) return *refused;
  TENBIN_TRY(Forest learned, read_forest(fit.call));
  for (ForestTree& tree : learned.trees) {
    for (ForestNode& node : tree) {
      for (LeafWeight& w : node.weights) w.output = output;
    }
    into.trees.push_back(std::move(tree));
  }
  for (const float base : learned.call.numbers("base_values")) {
    into.trees.push_back(one_leaf(output, base));
  }
  return {};
}

}  // namespace

Result<Graph> distil_trees(const Graph& graph, const Tensor& features, const TreeOptions& student,
                           const std::string& node, const StopQuestion& may_go_on) {
  TENBIN_TRY(const std::size_t at, find_tree_node(graph, node));
  TENBIN_TRY(const Forest teacher, read_forest(graph.nodes[at]));
  TENBIN_CHECK(check_is_sum(teacher));
  const std::string where = "node '" + teacher.call.name + "'";
  if (teacher.is_share()) {
    return Error(ErrorCode::kUnsupportedOp,
                 "one score that is a share of two classes, expected a margin or both scores",
                 where);
  }
  TENBIN_CHECK(check_rows(teacher, features));
  if (features.shape()[0] < kLeastRows) {
    return Error(ErrorCode::kTooFewRows, std::to_string(features.shape()[0]) +
                                             " rows to distil by, expected " +
                                             std::to_string(kLeastRows) + " or more");
  }
  const std::vector<double> margins = margins_of(teacher, features);
  Forest out = teacher;
  out.trees.clear();
  for (std::size_t output = 0; output < out.outputs; ++output) {
    if (!teacher.named[output]) continue;
    TENBIN_CHECK(learn_output(features, margins, output, student, may_go_on, out));
  }
  Graph result = graph;
  result.nodes[at] = write_forest(merge_forest(out));
  return result;
}

}  // namespace tenbin

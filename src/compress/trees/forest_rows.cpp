// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/forest_rows.h"

#include <algorithm>
#include <set>
#include <string>

namespace tenbin {
namespace {

double weight_of(const ForestNode& leaf, std::size_t output) {
  double sum = 0;
  for (const LeafWeight& w : leaf.weights) {
    if (w.output == output) sum += static_cast<double>(w.value);
  }
  return sum;
}

std::vector<std::uint32_t> leaves_of(const ForestTree& tree, const Tensor& rows) {
  const auto columns = static_cast<std::size_t>(rows.shape()[1]);
  std::vector<std::uint32_t> leaf(static_cast<std::size_t>(rows.shape()[0]));
  const float* row = rows.data<float>().data();
  for (std::size_t r = 0; r < leaf.size(); ++r, row += columns) {
    leaf[r] = static_cast<std::uint32_t>(leaf_of(tree, row));
  }
  return leaf;
}

void add_margins(const ForestTree& tree, const std::vector<std::uint32_t>& leaf,
                 std::size_t outputs, std::vector<double>& into) {
  for (std::size_t r = 0; r < leaf.size(); ++r) {
    for (const LeafWeight& w : tree[leaf[r]].weights) {
      into[r * outputs + w.output] += static_cast<double>(w.value);
    }
  }
}

// A tree with the weights of its leaves as [leaf, output], in double.
struct Weights {
  std::vector<std::size_t> outputs;
  std::vector<double> first, now;  // [nodes, outputs of the tree]
};

Weights weights_of(const ForestTree& tree) {
  Weights out{outputs_of(tree), {}, {}};
  for (const ForestNode& node : tree) {
    for (const std::size_t output : out.outputs) out.first.push_back(weight_of(node, output));
  }
  out.now = out.first;
  return out;
}

// Without negative weights, and with the sum of the leaf's first ones.
void make_shares(std::span<const double> first, std::span<double> now) {
  double wanted = 0, sum = 0;
  for (const double w : first) wanted += w;
  for (double& w : now) sum += w = std::max(w, 0.0);
  for (std::size_t k = 0; k < now.size(); ++k) {
    now[k] =
        sum > 0 ? now[k] * (now.size() > 1 ? wanted / sum : 1) : (now.size() > 1 ? first[k] : 0);
  }
}

// One tree takes the mean of what is left over; `left` [rows, all outputs] is kept up to date.
void refit_tree(Weights& w, const std::vector<std::uint32_t>& leaf, std::size_t all_outputs,
                const RefitOptions& options, std::vector<double>& left) {
  const std::size_t some = w.outputs.size(), nodes = w.now.size() / std::max<std::size_t>(some, 1);
  std::vector<double> rows(nodes, 0), sums(w.now.size(), 0);
  for (std::size_t r = 0; r < leaf.size(); ++r) {
    rows[leaf[r]] += 1;
    for (std::size_t k = 0; k < some; ++k) {
      sums[leaf[r] * some + k] += left[r * all_outputs + w.outputs[k]];
    }
  }
  const std::vector<double> before = w.now;
  for (std::size_t i = 0; i < nodes; ++i) {
    if (rows[i] == 0) continue;
    for (std::size_t k = 0; k < some; ++k) {
      const std::size_t at = i * some + k;
      w.now[at] = (sums[at] + rows[i] * w.now[at] + options.ridge * w.first[at]) /
                  (rows[i] + options.ridge);
    }
    if (options.as_shares) {
      make_shares(std::span(w.first).subspan(i * some, some),
                  std::span(w.now).subspan(i * some, some));
    }
  }
  for (std::size_t r = 0; r < leaf.size(); ++r) {
    for (std::size_t k = 0; k < some; ++k) {
      const std::size_t at = leaf[r] * some + k;
      left[r * all_outputs + w.outputs[k]] -= w.now[at] - before[at];
    }
  }
}

}  // namespace

Status check_rows(const Forest& forest, const Tensor& features) {
  const Shape& shape = features.shape();
  const auto columns = static_cast<std::int64_t>(forest.columns());
  if (features.type() != ElementType::kFloat32 || shape.size() != 2 || shape[1] < columns) {
    return Error(ErrorCode::kInputMismatch,
                 "features " + to_text(shape) + ", expected floats [rows, " +
                     std::to_string(columns) + " or more]",
                 "node '" + forest.call.name + "'");
  }
  if (shape[0] == 0) return Error(ErrorCode::kEmptyData, "no rows of features");
  return {};
}

Status check_is_sum(const Forest& forest) {
  if (forest.is_sum()) return {};
  return Error(ErrorCode::kUnsupportedOp,
               "trees under " + forest.call.text("aggregate_function", "") + ", expected SUM",
               "node '" + forest.call.name + "'");
}

Result<Tensor> rows_for(const Forest& forest, const Tensor& features, std::int64_t most) {
  TENBIN_CHECK(check_rows(forest, features));
  const Shape& shape = features.shape();
  if (shape[0] <= most) return features;
  Tensor out(ElementType::kFloat32, {most, shape[1]});
  const auto width = static_cast<std::size_t>(shape[1]);
  for (std::int64_t i = 0; i < most; ++i) {
    const auto from = static_cast<std::size_t>(
        static_cast<double>(i) * static_cast<double>(shape[0]) / static_cast<double>(most));
    std::ranges::copy(features.data<float>().subspan(from * width, width),
                      out.data<float>().begin() + i * shape[1]);
  }
  return out;
}

Leaves leaves_of(const Forest& forest, const Tensor& rows) {
  Leaves out;
  for (const ForestTree& tree : forest.trees) out.push_back(leaves_of(tree, rows));
  return out;
}

std::vector<double> margins_of(const Forest& forest, const Leaves& leaves) {
  const std::size_t n = leaves.empty() ? 0 : leaves.front().size();
  std::vector<double> out(n * forest.outputs, 0);
  for (std::size_t t = 0; t < leaves.size(); ++t) {
    add_margins(forest.trees[t], leaves[t], forest.outputs, out);
  }
  return out;
}

std::vector<double> margins_of(const Forest& forest, const Tensor& rows) {
  std::vector<double> out(static_cast<std::size_t>(rows.shape()[0]) * forest.outputs, 0);
  for (const ForestTree& tree : forest.trees) {
    add_margins(tree, leaves_of(tree, rows), forest.outputs, out);
  }
  return out;
}

std::vector<std::size_t> outputs_of(const ForestTree& tree) {
  std::set<std::size_t> out;
  for (const ForestNode& node : tree) {
    for (const LeafWeight& w : node.weights) out.insert(w.output);
  }
  return {out.begin(), out.end()};
}

Status refit_leaves(Forest& forest, const Leaves& leaves, std::span<const double> wanted,
                    const RefitOptions& options, const StopQuestion& may_go_on) {
  std::vector<double> left = margins_of(forest, leaves);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = wanted[i] - left[i];
  std::vector<Weights> weights;
  for (const ForestTree& tree : forest.trees) weights.push_back(weights_of(tree));
  for (std::int64_t pass = 0; pass < options.passes; ++pass) {
    TENBIN_CHECK(may_go_on());
    for (std::size_t t = 0; t < weights.size(); ++t) {
      refit_tree(weights[t], leaves[t], forest.outputs, options, left);
    }
  }
  for (std::size_t t = 0; t < weights.size(); ++t) {
    const Weights& w = weights[t];
    for (std::size_t i = 0; i < forest.trees[t].size(); ++i) {
      ForestNode& node = forest.trees[t][i];
      if (!node.is_leaf()) continue;
      node.weights.clear();
      for (std::size_t k = 0; k < w.outputs.size(); ++k) {
        const auto value = static_cast<float>(w.now[i * w.outputs.size() + k]);
        node.weights.push_back({w.outputs[k], value});
      }
    }
  }
  return {};
}

}  // namespace tenbin

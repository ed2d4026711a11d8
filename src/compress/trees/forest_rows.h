// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/stop_question.h"
#include "compress/trees/forest.h"
#include "tensor/tensor.h"

namespace tenbin {

// Errors: kEmptyData; kInputMismatch for no matrix of floats, or fewer columns than the forest asks
// for.
Status check_rows(const Forest& forest, const Tensor& features);
// Error kUnsupportedOp: an ensemble that does not add its trees up.
Status check_is_sum(const Forest& forest);

// At most `most` of the rows of features [n, columns], evenly from all. Errors: as check_rows.
Result<Tensor> rows_for(const Forest& forest, const Tensor& features, std::int64_t most);

// The leaf of each row in each tree: [trees][rows].
using Leaves = std::vector<std::vector<std::uint32_t>>;
Leaves leaves_of(const Forest& forest, const Tensor& rows);

// The sums over the trees, without base_values: [rows, outputs] row-major.
std::vector<double> margins_of(const Forest& forest, const Leaves& leaves);
std::vector<double> margins_of(const Forest& forest, const Tensor& rows);

// Outputs that the leaves of a tree name, ascending.
std::vector<std::size_t> outputs_of(const ForestTree& tree);

// Changes leaf weights so that the sums over the trees come closest to `wanted` [rows, outputs],
// in squares, less `ridge` times the squared change of each weight: block coordinate descent, one
// tree at a time, which in `passes` comes near the closed form. Leaves that no row falls into keep
// their weights. `as_shares`: weights stay at 0 or more and each leaf's sum as it was. `may_go_on`
// is asked before each pass; its error is the only one, and leaves the forest as it was.
struct RefitOptions {
  std::int64_t passes = 20;
  double ridge = 1;
  bool as_shares = false;
};
Status refit_leaves(Forest& forest, const Leaves& leaves, std::span<const double> wanted,
                    const RefitOptions& options, const StopQuestion& may_go_on = {});

}  // namespace tenbin

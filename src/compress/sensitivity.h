// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/stop_question.h"
#include "compress/calibrate.h"
#include "compress/weight_grid.h"
#include "graph/graph.h"

namespace tenbin {

// What one layer alone on 8-bit grids does to the answers.
struct LayerSensitivity {
  std::string layer;          // node
  double relative_error = 0;  // mean squared difference of the first output over its mean square
  double other_labels = 0;    // share of rows whose largest output is another one
  std::int64_t weights = 0;   // how many it has
};

// The layers that insert_grids can take, the most sensitive first (by error). Nodes need names of
// their own (name_nodes). `rows` of calibration: a few hundred do. `may_go_on` is asked before each
// layer. Errors: its own; kBadValue: a node without a name of its own; those of insert_grids and
// observe.
Result<std::vector<LayerSensitivity>> rank_layers(const Graph& graph, const Ranges& ranges,
                                                  const Tensor& rows,
                                                  const ChosenWeights& chosen = {},
                                                  const StopQuestion& may_go_on = {});

// The fewest layers to leave in floats, from the front of the ranking, so that the errors of the
// others sum to at most `error_allowed` (errors of single layers add up, near enough, while small).
std::set<std::string> most_sensitive(const std::vector<LayerSensitivity>& ranked,
                                     double error_allowed);

}  // namespace tenbin

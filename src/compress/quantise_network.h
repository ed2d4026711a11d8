// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>
#include <string>

#include "base/result.h"
#include "base/stop_question.h"
#include "compress/calibrate.h"
#include "graph/graph.h"

namespace tenbin {

// How a network goes onto 8-bit grids.
struct QuantiseOptions {
  RangeMethod ranges = RangeMethod::kMinMax;
  bool repaired = false;          // layers equalised before, biases corrected after
  bool rounded = false;           // weights rounded in sequence (gptq.h)
  bool rounding_learned = false;  // each up or down by what its layer makes (adaround.h); or this
  double error_allowed = 0;  // sum of errors of layers (LayerSensitivity); the worst stay in floats
  std::set<std::string> in_floats;  // layers that stay in floats besides
  // Trains the network while it bears its grids (qat.h); empty: it is not trained.
  std::function<Result<Graph>(const Graph&)> learn;
  StopQuestion may_go_on;  // asked between layers while weights are rounded
};

struct QuantisedNetwork {
  Graph graph;
  std::set<std::string> in_floats;  // layers that stay in float32
};

// A float network "x" -> "logits" on 8-bit grids, ranges by `rows` [n, ...]. Batch normalisation
// folded before. Errors: those of calibrate, rank_layers, correct_biases, insert_grids, of
// `learn` and of `may_go_on`.
Result<QuantisedNetwork> quantise_network(const Graph& folded, const Tensor& rows,
                                          const QuantiseOptions& options);

}  // namespace tenbin

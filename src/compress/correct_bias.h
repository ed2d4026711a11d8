// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "base/stop_question.h"
#include "compress/calibrate.h"
#include "compress/weight_grid.h"
#include "graph/graph.h"

namespace tenbin {

// The float network with biases that make up for its grids: layer after layer, the mean over rows
// (and over the plane) of what each output channel is off on grids, with the layers before it
// corrected already, is moved into the bias. To be put on the same grids by insert_grids(result,
// ranges, in_floats, chosen). A Conv or Gemm without bias gets one; a MatMul is
// corrected in the constant that is added to it, or left.
// `rows`: of calibration, a few hundred do. `may_go_on` is asked before each layer. Errors: its
// own, those of insert_grids and observe.
// Source: Nagel et al. 2019, section 4.2 and appendix D (empirical bias correction).
Result<Graph> correct_biases(const Graph& graph, const Ranges& ranges, const Tensor& rows,
                             const std::set<std::string>& in_floats = {},
                             const ChosenWeights& chosen = {}, const StopQuestion& may_go_on = {});

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fit/prepare.h"
#include "graph/graph.h"

namespace tenbin {

// How a regression's targets were scaled for training: value = raw * scale + offset.
struct TargetScale {
  float scale = 1, offset = 0;
};

// Raw columns in, `label` and `probabilities` out (classification) or `prediction` (regression):
// the fitted preprocessing, the network, and what turns its numbers into answers, in one graph.
// `probabilities`: the network of a classifier gives them already, not logits.
Result<Model> export_model(const Prepared& prepared, const Graph& network, const TargetScale& scale,
                           bool probabilities);

}  // namespace tenbin

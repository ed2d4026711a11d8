// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// What a value was seen to be over the rows of calibration.
struct ValueRange {
  float least = 0, most = 0;
};
using Ranges = std::map<std::string, ValueRange>;

struct CalibrationOptions {
  double share_covered = 1;  // of the values seen; the tails beyond are cut, half on each side
  template <class Fields> static void describe(Fields& f) {
    f("share_covered", &CalibrationOptions::share_covered,
      "Share of activations that the 8-bit range covers [0.9..1].");
  }
};

// Runs `graph` (one input of floats [batch, ...]) over `rows` [n, ...] and returns the ranges of
// `values`. Errors: kInputMismatch, kUnsupportedOp, kBadValue naming a value that was NaN or
// infinite; kBadValue for no rows.
Result<Ranges> calibrate(const Graph& graph, const std::vector<std::string>& values,
                         const Tensor& rows, const CalibrationOptions& options = {});

}  // namespace tenbin

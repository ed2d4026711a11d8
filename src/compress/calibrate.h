// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
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

// How the range of a value is chosen from what was seen of it: all of it; without the tails; so
// that its 8-bit grid has the least mean squared error; or keeps most of its distribution (least
// Kullback-Leibler divergence, Migacz 2017).
enum class RangeMethod { kMinMax, kPercentile, kSquaredError, kEntropy };

template <> struct OptionText<RangeMethod> {
  static constexpr const char* kType = "range-method";
  static std::string print(RangeMethod method);
  static Result<RangeMethod> parse(std::string_view text);  // minmax, percentile, mse, entropy
};

struct CalibrationOptions {
  RangeMethod method = RangeMethod::kMinMax;
  double share_covered = 0.9999;  // by kPercentile; the tails are cut, half on each side
  template <class Fields> static void describe(Fields& f) {
    f("method", &CalibrationOptions::method,
      "How ranges of activations are chosen: minmax, percentile, mse or entropy.");
    f("share_covered", &CalibrationOptions::share_covered,
      "Share of activations that the 8-bit range covers, by percentile [0.9..1].");
  }
};

// Runs `graph` (one input of floats [batch, ...]) over `rows` [n, ...] and returns the ranges of
// `values`, within what was seen. Memory is bounded for any number of rows: a histogram a value.
// Errors: kInputMismatch, kUnsupportedOp, kBadValue naming a value that was NaN or infinite;
// kBadValue for no rows.
Result<Ranges> calibrate(const Graph& graph, const std::vector<std::string>& values,
                         const Tensor& rows, const CalibrationOptions& options = {});

}  // namespace tenbin

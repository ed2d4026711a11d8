// SPDX-License-Identifier: Apache-2.0
#include "compress/calibrate.h"

#include <algorithm>

#include "compress/histogram.h"
#include "compress/observe.h"

namespace tenbin {
namespace {

struct Named {
  RangeMethod method;
  const char* name;
};
constexpr Named kMethods[] = {{RangeMethod::kMinMax, "minmax"},
                              {RangeMethod::kPercentile, "percentile"},
                              {RangeMethod::kSquaredError, "mse"},
                              {RangeMethod::kEntropy, "entropy"}};

ValueRange range_of(const Histogram& seen, const CalibrationOptions& options) {
  const ValueRange all{seen.least(), seen.most()};
  // As insert_grids has it: signed where anything is negative.
  const int levels = all.least < 0 ? 127 : 255;
  float bound = 0;
  switch (options.method) {
    case RangeMethod::kMinMax: return all;
    case RangeMethod::kPercentile: {
      const Histogram::Span kept = seen.middle(options.share_covered);
      return {kept.least, kept.most};
    }
    case RangeMethod::kSquaredError: bound = seen.bound_of_least_error(levels); break;
    case RangeMethod::kEntropy: bound = seen.bound_of_least_divergence(levels); break;
  }
  return {std::max(all.least, -bound), std::min(all.most, bound)};
}

}  // namespace

std::string OptionText<RangeMethod>::print(RangeMethod method) {
  for (const Named& named : kMethods) {
    if (named.method == method) return named.name;
  }
  return {};
}

Result<RangeMethod> OptionText<RangeMethod>::parse(std::string_view text) {
  std::string valid;
  for (const Named& named : kMethods) {
    if (text == named.name) return named.method;
    valid += (valid.empty() ? "" : ", ") + std::string(named.name);
  }
  return Error(ErrorCode::kBadValue,
               "unknown range method '" + std::string(text) + "': expected one of " + valid);
}

Result<Ranges> calibrate(const Graph& graph, const std::vector<std::string>& values,
                         const Tensor& rows, const CalibrationOptions& options) {
  std::vector<Histogram> seen(values.size());
  const bool counts = options.method != RangeMethod::kMinMax;
  TENBIN_CHECK(observe(graph, values, rows, [&](const ObservedRows& some) -> Status {
    if (counts) {
      seen[some.value].add(some.data);
    } else {
      seen[some.value].add_extremes(some.data);
    }
    return {};
  }));
  Ranges ranges;
  for (std::size_t i = 0; i < values.size(); ++i) ranges[values[i]] = range_of(seen[i], options);
  return ranges;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "app/fit/fit.h"
#include "base/stop_question.h"
#include "data/profile/profile.h"
#include "data/table.h"
#include "data/transforms/features.h"
#include "graph/rewrites/transfer.h"
#include "tensor/tensor.h"

namespace tenbin {

// The data, ready to learn from.
struct Prepared {
  Dataset data;
  Target target;
  Split split;
  DataProfile profile;
  CleaningPlan cleaning;
  FeaturePlan features;
  bool images = false;
  std::optional<Network> from;  // of --from: what is trained further
  std::int64_t bytes = 0;
};

// Everything from the file to the fitted features; tells the observer what was found and done.
// Asks between pieces whether it may go on.
Result<Prepared> prepare_data(const FitOptions& options, FileSystem& files, FitObserver& observer,
                              const StopQuestion& may_go_on = {});

// Binds each value to itself: a fragment's inputs that keep their names in the graph.
std::map<std::string, std::string> own_names(const std::vector<ValueInfo>& values);

// The raw columns of `rows` through the fitted fragment, run by the engine a few thousand rows at a
// time: `take` gets the features float [n, ...feature_shape] and the rows they are of.
Status for_features(
    const Prepared& prepared, std::span<const std::int64_t> rows, int threads,
    const std::function<Status(std::span<const float>, std::span<const std::int64_t>)>& take);

// The raw columns through the fitted fragment, run by the engine: float [rows, ...feature_shape].
// `rows` picks rows of the table, in order. Asks between pieces whether it may go on.
Result<Tensor> run_features(const Prepared& prepared, std::span<const std::int64_t> rows,
                            int threads, const StopQuestion& may_go_on = {});

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/json.h"
#include "base/result.h"
#include "engine/xgboost/fit_trees.h"

namespace tenbin {

// The first `rounds` rounds of a model saved by XGBoost 1.7 as JSON, as one ONNX call (see
// TreeFit::call). `base`: the margin every row starts from. Errors kBug: not such a model.
Result<OpCall> model_trees(const Json& model, TreeTask task, std::int64_t classes,
                           std::int64_t rounds, float base);

}  // namespace tenbin

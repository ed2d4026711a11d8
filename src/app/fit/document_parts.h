// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fit/document.h"

namespace tenbin {

// Parts of the document of a fit (docs/formats/fit.md).
Json data_part(const FitFacts& facts);
Json candidates_part(const FitFacts& facts);
// Every network that could have been trained, with what came of those that were.
Json networks_part(const FitFacts& facts);
Json training_part(const FitFacts& facts);
Json model_part(const FitFacts& facts);
Json latency_part(const FitFacts& facts);
// What the model answered on the test rows: scores, confusion, curves or residuals.
void add_answers(Json& out, const FitFacts& facts);

}  // namespace tenbin

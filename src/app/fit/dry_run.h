// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fit/fit.h"

namespace tenbin {

// What fit() would do with these options: reads, profiles and splits the data, names the learners,
// the limits and the files that would be written. Writes nothing and trains nothing. The answer is
// a tenbin.fit_plan/1 (docs/formats/fit.md). Errors: those that fit() has before training.
Result<Json> plan_fit(const FitOptions& options, FileSystem& files, FitObserver& observer);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fit/fit.h"
#include "plan/limits.h"

namespace tenbin {

// Fits, then shrinks the model into OUTPUT/small with what a third of the limits, or the time that
// fitting left, allows; without a limit of time for as long as fitting took. The goals of the
// limits hold for what is shipped. The document has the outcome as "shrink"; nothing there is
// proven better: the model of the fit is the result, as it would be without. Errors: those of fit;
// kBadValue for rows that cannot be read a second time (standard input).
Result<FitOutcome> fit_and_shrink(const FitOptions& options, FileSystem& files, Clock& clock,
                                  FitObserver& observer);

// What a fit that is followed by shrinking keeps of each budget: a third.
Limits kept_for_shrinking(const Limits& limits);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "app/predict.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/fit_text.h"

namespace tenbin {

// One line of progress of reading, `spent` after its pass began: what, how much of how much, rate
// and time left, as far as they are known. Cut to `width` columns (0: as long as it is).
std::string reading_text(const ReadProgress& now, Duration spent, std::size_t width);

// How a command's progress looks on standard error here.
FitLines::How progress_looks(const Arguments& arguments);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "app/fit/fit.h"
#include "base/json.h"

namespace tenbin {

// The verdict of a fit for people, from its document (tenbin.fit/1).
std::string verdict_text(const Json& fit);
// One line of progress, at most `width` columns.
std::string progress_text(const FitProgress& progress, std::size_t width);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"

namespace tenbin {

// tenbin.bench/1 as a table for people, or, `plain`, as lines of cells with tabs between.
std::string bench_text(const Json& bench, bool plain);
// Whether any request of any step was answered.
bool bench_answered(const Json& bench);

}  // namespace tenbin

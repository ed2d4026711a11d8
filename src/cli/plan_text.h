// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"
#include "cli/style.h"

namespace tenbin {

// What a fit would do, for people, from its document (tenbin.fit_plan/1).
std::string plan_text(const Json& plan, const Style& style);
// The same as lines `section<TAB>name<TAB>value`.
std::string plan_plain(const Json& plan);

}  // namespace tenbin

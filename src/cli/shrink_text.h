// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"
#include "cli/style.h"

namespace tenbin {

// The verdict of a shrink for people, from its document (tenbin.shrink/1); of a repeated proof
// too (tenbin.shrink-verify/1).
std::string shrink_text(const Json& shrink, const Style& style);
// The table of what was tried, tab-separated, in SI units.
std::string shrink_plain(const Json& shrink);

}  // namespace tenbin

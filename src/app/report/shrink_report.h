// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"

namespace tenbin {

// The page of a shrink, from its document alone (docs/formats/shrink.md). The same document gives
// the same bytes.
std::string shrink_html(const Json& shrink);

}  // namespace tenbin

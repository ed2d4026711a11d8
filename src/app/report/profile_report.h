// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"

namespace tenbin {

// The page of a profile from its document (docs/formats/profile.md): verdict, sums, the graph with
// its cost, the heaviest nodes, what to change, how it was measured. Self-contained: no script, no
// network.
std::string profile_html(const Json& profile);

}  // namespace tenbin

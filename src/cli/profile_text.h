// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"
#include "cli/style.h"

namespace tenbin {

// A profile for people, from its document (docs/formats/profile.md): the verdict, a line each
// batch, the heaviest nodes (`all`: every one, in the order they ran), what to change, how it was
// measured.
std::string profile_text(const Json& profile, bool all, const Style& style);
// Lines `batch, node, operators, seconds, share, joules, MACs, parameters, bytes, share of the
// roofline, bound, engine, kernels`, tab-separated.
std::string profile_plain(const Json& profile);

}  // namespace tenbin

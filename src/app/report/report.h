// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"

namespace tenbin {

// The report of a fit as one self-contained HTML file, from its document (tenbin.fit/1,
// docs/formats/fit.md). Pure: the same document gives the same bytes. Opens with no network and no
// script, prints, and is below 1 MB.
std::string report_html(const Json& fit);

}  // namespace tenbin

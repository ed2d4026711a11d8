// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tenbin {

// A cell of CSV (RFC 4180), quoted where its rules ask for it; one that a spreadsheet would run as
// a formula gets a mark before it.
std::string csv_cell(std::string text);

}  // namespace tenbin

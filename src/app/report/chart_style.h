// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenbin {

// How drawings look, inside the page and taken out of it.
// Colours of light paper as CSS variables, e.g. ";--ink:#1b1f24", for the page's root rule.
std::string chart_colours();
// CSS rules of the drawings; colours by variable.
std::string chart_rules();
// What is modelled is hatched: one pattern for the whole page.
std::string page_hatch();

// A drawing of svg.h as a file of its own, for light paper: name space, size, rules with their
// colours written out and the pattern inside.
std::string standalone_svg(const std::string& svg);
// Rows as CSV (RFC 4180); a cell that a spreadsheet would run gets a mark before it.
std::string csv_text(const std::vector<std::vector<std::string>>& rows);
// "data:TYPE;base64,...".
std::string data_uri(const std::string& type, std::string_view bytes);

}  // namespace tenbin

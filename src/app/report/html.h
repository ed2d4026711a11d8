// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/units.h"

namespace tenbin {

// Pieces of the report's page. All text that comes in is escaped here.
using HtmlRow = std::vector<std::string>;
// Columns from `numbers` up to `texts` are right-aligned.
std::string html_table(const HtmlRow& head, const std::vector<HtmlRow>& rows,
                       std::size_t numbers = 99, std::size_t texts = 99);
struct HtmlTable {
  HtmlRow head;
  std::vector<HtmlRow> rows;
  std::size_t numbers = 99, texts = 99;
};
// A drawing with a caption, its numbers as a folded table, and both to be saved: the drawing as
// SVG, the numbers as CSV, from the page alone. A sentence when there is no drawing.
std::string html_figure(const std::string& svg, const std::string& caption, const HtmlTable& table);
// The same for numbers that are shown as a table already: CSV alone.
std::string html_save_csv(const std::string& caption, std::vector<HtmlRow> rows);
std::string html_section(const char* id, const char* title, const std::string& body);
std::string html_paragraph(const std::string& text);

// A value of a document for people: "unknown" if it is not there.
std::string text_of(const Json& value, int digits = 4);
std::string energy_of(const Json& energy);
std::string time_of(const Json& value, const Json& reason);
std::string joules_of(const Json& value);  // "unknown" if it is no number
Currency currency_of(const Json& money);
std::string fixed_text(double value, int decimals);
// "0.9894 (95%: 0.9729 to 1.0000)".
std::string score_of(const Json& score);

// Parts of the page, each from the document (docs/formats/fit.md).
std::string report_verdict(const Json& fit);
std::string report_candidates(const Json& fit);
std::string report_learning(const Json& fit);
std::string report_answers(const Json& fit);
std::string report_latency(const Json& fit);
std::string report_costs(const Json& fit);
std::string report_data(const Json& fit);
std::string report_done(const Json& fit);
std::string report_how(const Json& fit);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "app/report/html.h"

#include <cstdio>

#include "app/report/chart_style.h"
#include "app/report/svg.h"

namespace tenbin {

std::string html_table(const HtmlRow& head, const std::vector<HtmlRow>& rows, std::size_t numbers,
                       std::size_t texts) {
  std::string out = "<div class='wide'><table><thead><tr>";
  const auto cell = [&](const char* tag, const std::string& text, std::size_t column) {
    out += "<" + std::string(tag) + (column >= numbers && column < texts ? " class='n'>" : ">") +
           escaped(text) + "</" + tag + ">";
  };
  for (std::size_t i = 0; i < head.size(); ++i) cell("th", head[i], i);
  out += "</tr></thead><tbody>";
  for (const HtmlRow& row : rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) cell("td", row[i], i);
    out += "</tr>";
  }
  return out + "</tbody></table></div>";
}

namespace {

// "Learning curves: loss on ..." -> "learning-curves".
std::string file_stem(const std::string& caption) {
  std::string out;
  for (const char letter : caption.substr(0, caption.find_first_of(":.,;("))) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
    const bool capital = letter >= 'A' && letter <= 'Z';
    if (plain || capital) {
      out += static_cast<char>(capital ? letter - 'A' + 'a' : letter);
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.substr(0, 48);
}

std::string save_link(const std::string& name, const std::string& uri, const char* what) {
  return "<a download='" + escaped(name) + "' href='" + uri + "'>" + what + "</a>";
}

}  // namespace

std::string html_figure(const std::string& svg, const std::string& caption,
                        const HtmlTable& table) {
  if (svg.empty()) return "<p class='soft'>" + escaped(caption) + ": nothing to draw.</p>";
  std::vector<HtmlRow> lines = table.rows;
  lines.insert(lines.begin(), table.head);
  const std::string stem = file_stem(caption);
  return "<figure>" + svg + "<figcaption>" + escaped(caption) +
         "</figcaption><details><summary>The numbers as a table</summary>" +
         html_table(table.head, table.rows, table.numbers, table.texts) +
         "</details><p class='save'>Save as " +
         save_link(stem + ".svg", data_uri("image/svg+xml", standalone_svg(svg)), "SVG") +
         " \xc2\xb7 " + save_link(stem + ".csv", data_uri("text/csv", csv_text(lines)), "CSV") +
         "</p></figure>";
}

std::string html_save_csv(const std::string& caption, std::vector<HtmlRow> rows) {
  return "<p class='save'>Save as " +
         save_link(file_stem(caption) + ".csv", data_uri("text/csv", csv_text(rows)), "CSV") +
         "</p>";
}

std::string html_section(const char* id, const char* title, const std::string& body) {
  return "<section id='" + std::string(id) + "'><h2>" + title + "</h2>" + body + "</section>";
}

std::string html_paragraph(const std::string& text) {
  return text.empty() ? text : "<p class='soft'>" + escaped(text) + "</p>";
}

std::string text_of(const Json& value, int digits) {
  if (value.is_string()) return value.as_string();
  if (value.is_bool()) return value.as_bool() ? "yes" : "no";
  if (value.is_integer()) return full_count(value.as_integer());
  if (value.is_number()) return to_text(value.as_number(), digits);
  if (value.is_array()) {
    std::string out;
    for (const Json& item : value.items()) out += (out.empty() ? "" : ", ") + text_of(item, digits);
    return out;
  }
  return value.is_null() ? "unknown" : value.dump();
}

std::string energy_of(const Json& energy) {
  if (!energy["value"].is_number()) {
    const std::string& reason = energy["reason"].as_string();
    return "unknown" + (reason.empty() ? "" : ": " + reason);
  }
  return to_text(joules(energy["value"].as_number())) +
         " (95%: " + to_text(joules(energy["lo"].as_number())) + " to " +
         to_text(joules(energy["hi"].as_number())) + "), " + text_of(energy["provenance"]) +
         " by " + text_of(energy["source"]) + ", scope " + text_of(energy["scope"]);
}

std::string time_of(const Json& value, const Json& reason) {
  if (value.is_number()) return to_text(seconds(value.as_number()));
  return "unknown" + (reason.is_string() ? ": " + reason.as_string() : std::string());
}

std::string joules_of(const Json& value) {
  return value.is_number() ? to_text(joules(value.as_number())) : "unknown";
}

Currency currency_of(const Json& money) {
  Currency out;
  const std::string& code = money["currency"].as_string();
  for (std::size_t i = 0; i < out.code.size() && i < code.size(); ++i) out.code[i] = code[i];
  return out;
}

std::string fixed_text(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string score_of(const Json& score) {
  const std::string& name = score["name"].as_string();
  const bool own_size = name == "rmse" || name == "mae";
  const auto number = [&](const Json& value) {
    return own_size ? to_text(value.as_number(), 4) : fixed_text(value.as_number(), 4);
  };
  std::string out = number(score["value"]);
  if (!score["lo"].is_number()) return out;
  return out + " (95%: " + number(score["lo"]) + " to " + number(score["hi"]) + ", " +
         text_of(score["interval"]) + ")";
}

}  // namespace tenbin

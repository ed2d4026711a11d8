// SPDX-License-Identifier: Apache-2.0
#include "app/report/chart_style.h"

#include <cstdint>

#include "base/csv.h"

namespace tenbin {
namespace {

// Told apart by the colour-blind; darker than the usual ones where text stands on light paper.
struct Colour {
  const char *name, *light;
};
constexpr Colour kColours[] = {{"--ink", "#1b1f24"}, {"--soft", "#57606a"}, {"--line", "#d0d7de"},
                               {"--c0", "#0072b2"},  {"--c1", "#d55e00"},   {"--c2", "#009e73"},
                               {"--c3", "#b5538c"},  {"--c4", "#9a6b00"}};

constexpr const char* kRules =
    "svg text{font:12.5px system-ui,'Noto Sans',sans-serif;fill:var(--ink)}"
    "svg .name{font-weight:600}.grid{stroke:var(--line);stroke-width:1}"
    ".axis{stroke:var(--soft);stroke-width:1.2}.band{fill:var(--c0);opacity:.13}"
    ".band2{fill:var(--c4);opacity:.16}.line{fill:none;stroke-width:2.2;stroke-linejoin:round}"
    ".thin{stroke-width:1.2}.faint{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:4 4}"
    "path.c0{stroke:var(--c0)}path.c1{stroke:var(--c1);stroke-dasharray:7 3}"
    "path.c2{stroke:var(--c2);stroke-dasharray:2 3}path.c3{stroke:var(--c3)}"
    "path.c4{stroke:var(--c4)}.dot.c0,.fill.c0{fill:var(--c0)}.dot.c1{fill:var(--c1)}"
    ".dot.c2{fill:var(--c2)}.dot.c3{fill:var(--c3)}.dot.c4{fill:var(--c4)}"
    ".dot.grey{fill:var(--soft);opacity:.7}.see path{stroke-width:5;"
    "stroke-linecap:round;opacity:.45}.see.c0{stroke:var(--c0)}.see.c1{stroke:var(--c1)}"
    ".see.grey{stroke:var(--soft)}"
    ".area{fill:var(--c0);opacity:.3}.hatched{fill:url(#hatch);opacity:.75}";

constexpr const char* kHatch =
    "<pattern id='hatch' width='7' height='7' patternUnits='userSpaceOnUse' "
    "patternTransform='rotate(45)'><rect width='7' height='7' style='fill:var(--c0);opacity:.22'/>"
    "<line x1='0' y1='0' x2='0' y2='7' style='stroke:var(--c0);stroke-width:2.4'/></pattern>";

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

std::string chart_colours() {
  std::string out;
  for (const Colour& colour : kColours) out += std::string(";") + colour.name + ":" + colour.light;
  return out;
}

std::string chart_rules() { return kRules; }

std::string page_hatch() {
  return std::string(
             "<svg width='0' height='0' style='position:absolute' aria-hidden='true'>"
             "<defs>") +
         kHatch + "</defs></svg>";
}

std::string standalone_svg(const std::string& svg) {
  const std::size_t end = svg.find('>');
  if (end == std::string::npos) return {};
  std::string head = std::string("<style>") + kRules + "</style>";
  if (svg.find("hatched") != std::string::npos) head += std::string("<defs>") + kHatch + "</defs>";
  for (const Colour& colour : kColours) {
    replace_all(head, std::string("var(") + colour.name + ")", colour.light);
  }
  return svg.substr(0, end) + " xmlns='http://www.w3.org/2000/svg'>" + head + svg.substr(end + 1);
}

std::string csv_text(const std::vector<std::vector<std::string>>& rows) {
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? "," : "") + csv_cell(row[i]);
    out += "\r\n";
  }
  return out;
}

std::string data_uri(const std::string& type, std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "data:" + type + ";base64,";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k <= bytes.size() ? kDigits[three >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return out;
}

}  // namespace tenbin

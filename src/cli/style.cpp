// SPDX-License-Identifier: Apache-2.0
#include "cli/style.h"

#include <algorithm>
#include <cstdio>

namespace tenbin {

bool wants_color(const Looks& looks) {
  if (looks.no_color_flag || !looks.no_color.empty() || !looks.tenbin_no_color.empty()) {
    return false;
  }
  if (!looks.force_color.empty() && looks.force_color != "0") return true;
  return looks.terminal && looks.term != "dumb";
}

bool wants_live(const Looks& looks) {
  return looks.terminal && looks.term != "dumb" && !looks.no_color_flag && looks.no_color.empty() &&
         looks.tenbin_no_color.empty();
}

std::string Style::mark(const char* code, std::string_view text) const {
  if (!color) return std::string(text);
  return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte);
      out += escape;
    }
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  bool escape = false;
  for (const char c : text) {
    if (c == '\033') escape = true;
    if (!escape && (static_cast<unsigned char>(c) & 0xc0) != 0x80) ++columns;
    if (escape && c == 'm') escape = false;
  }
  return columns;
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t have = columns_of(text);
  return std::string(text) + std::string(have < width ? width - have : 0, ' ');
}

std::string padded_left(std::string_view text, std::size_t width) {
  const std::size_t have = columns_of(text);
  return std::string(have < width ? width - have : 0, ' ') + std::string(text);
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const std::size_t columns = columns_of(word);
    if (used > indent && used + 1 + columns > width) {
      out += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++used;
    }
    out += word;
    used += columns;
  }
  return out;
}

std::string hanging(std::string_view text, std::size_t width, std::size_t column) {
  std::string out = wrapped(text, width - column, 0);
  for (std::size_t at = 0; (at = out.find('\n', at)) != std::string::npos; at += column + 1) {
    out.insert(at + 1, column, ' ');
  }
  return out;
}

std::string Columns::aligned(std::size_t indent) const {
  std::vector<std::size_t> widths(alignment_.size());
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], columns_of(row[i]));
    }
  }
  std::string out;
  for (const Row& row : rows_) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      if (i > 0) line += "  ";
      line += alignment_[i] == 'r' ? padded_left(row[i], widths[i]) : padded(row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string Columns::tabbed() const {
  std::string out;
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? "\t" : "") + row[i];
    out += "\n";
  }
  return out;
}

}  // namespace tenbin

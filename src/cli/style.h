// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenbin {

// What the environment and the flags say about looks, for one stream.
struct Looks {
  bool terminal = false;
  bool no_color_flag = false;                                        // --no-color or --plain
  std::string no_color{}, force_color{}, term{}, tenbin_no_color{};  // of the environment
};
// Colour: only on a terminal, never with NO_COLOR, TENBIN_NO_COLOR, TERM=dumb or the flag;
// FORCE_COLOR asks for it elsewhere too.
bool wants_color(const Looks& looks);
// A line drawn in place: a terminal that does what it is told.
bool wants_live(const Looks& looks);

// Marks text for a terminal, or leaves it alone.
struct Style {
  bool color = false;
  std::string bold(std::string_view text) const { return mark("1", text); }
  std::string good(std::string_view text) const { return mark("32", text); }
  std::string bad(std::string_view text) const { return mark("31", text); }
  std::string faint(std::string_view text) const { return mark("2", text); }

 private:
  std::string mark(const char* code, std::string_view text) const;
};

// Text with control bytes made visible, so that data cannot drive the terminal.
std::string printable(std::string_view text);
// Columns that UTF-8 text takes, one a code point.
std::size_t columns_of(std::string_view text);
// Padded with blanks to `width` columns, at the right or (numbers) at the left.
std::string padded(std::string_view text, std::size_t width);
std::string padded_left(std::string_view text, std::size_t width);
// Broken at blanks into lines of at most `width` columns; lines after the first are indented. A
// word longer than a line stays whole.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);
// The same for text that begins in `column`: its lines stay right of it, up to `width`.
std::string hanging(std::string_view text, std::size_t width, std::size_t column);

// Rows of cells: aligned for people, or tab-separated for scripts.
class Columns {
 public:
  using Row = std::vector<std::string>;
  // `alignment`: one letter a column, 'l' or 'r'.
  explicit Columns(std::string alignment) : alignment_(std::move(alignment)) {}
  void add(Row row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  // Each row on a line of its own, `indent` blanks before it; cells two blanks apart.
  std::string aligned(std::size_t indent = 2) const;
  std::string tabbed() const;

 private:
  std::string alignment_;
  std::vector<Row> rows_;
};

}  // namespace tenbin

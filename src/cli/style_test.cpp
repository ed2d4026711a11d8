// SPDX-License-Identifier: Apache-2.0
#include "cli/style.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(Style, ColourOnlyWhereItIsWelcome) {
  const struct {
    const char* why;
    Looks looks;
    bool color, live;
  } rows[] = {
      {"a terminal", {.terminal = true, .term = "xterm"}, true, true},
      {"a pipe", {}, false, false},
      {"the flag", {.terminal = true, .no_color_flag = true}, false, false},
      {"NO_COLOR", {.terminal = true, .no_color = "1"}, false, false},
      {"TENBIN_NO_COLOR", {.terminal = true, .tenbin_no_color = "1"}, false, false},
      {"a dumb terminal", {.terminal = true, .term = "dumb"}, false, false},
      {"FORCE_COLOR colours a pipe but animates nothing", {.force_color = "1"}, true, false},
      {"FORCE_COLOR=0 forces nothing", {.force_color = "0"}, false, false},
      {"NO_COLOR is stronger", {.no_color = "1", .force_color = "1"}, false, false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(wants_color(row.looks), row.color) << row.why;
    EXPECT_EQ(wants_live(row.looks), row.live) << row.why;
  }
  EXPECT_EQ(Style{false}.bad("x"), "x");
  EXPECT_EQ(Style{true}.bad("x"), "\033[31mx\033[0m");
}

TEST(Style, WrapsAtBlanks) {
  const struct {
    const char *why, *text;
    std::size_t width;
    const char* expected;
  } rows[] = {
      {"short text stays", "a b", 10, "a b"},
      {"breaks before the word that does not fit", "aaa bbb ccc", 8, "aaa bbb\n  ccc"},
      {"a long word stays whole", "aaaa bbbbbbbbbbbb c", 6, "aaaa\n  bbbbbbbbbbbb\n  c"},
      {"two bytes are one column", "éé éé", 5, "éé éé"},
      {"nothing", "", 5, ""},
  };
  for (const auto& row : rows) EXPECT_EQ(wrapped(row.text, row.width, 2), row.expected) << row.why;
}

TEST(Columns, AlignOrSeparateByTabs) {
  Columns columns("lr");
  columns.add({"a", "1.5 s"});
  columns.add({"längst", "12 s"});
  columns.add({"end", ""});
  EXPECT_EQ(columns.aligned(), "  a       1.5 s\n  längst   12 s\n  end\n");
  EXPECT_EQ(columns.tabbed(), "a\t1.5 s\nlängst\t12 s\nend\t\n");
}

}  // namespace
}  // namespace tenbin

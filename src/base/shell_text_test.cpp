// SPDX-License-Identifier: Apache-2.0
#include "base/shell_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenbin {
namespace {

TEST(ShellText, AWordIsTakenBackAsItIs) {
  const struct {
    const char *why, *word, *text;
  } rows[] = {
      {"plain", "--limit", "--limit"},
      {"values with units", "time=5min,p99=1ms", "time=5min,p99=1ms"},
      {"a path", "../data/new.csv.gz", "../data/new.csv.gz"},
      {"blanks", "SELECT * FROM data", "'SELECT * FROM data'"},
      {"a variable stays a text", "$HOME", "'$HOME'"},
      {"a quote ends, escapes and begins", "it's", "'it'\\''s'"},
      {"nothing is still a word", "", "''"},
      {"a home of others", "~root", "'~root'"},
      {"letters beyond ASCII", "größe", "'größe'"},
  };
  for (const auto& row : rows) EXPECT_EQ(shell_word(row.word), row.text) << row.why;
  const std::vector<std::string> words = {"tenbin", "fit", "a b.csv"};
  EXPECT_EQ(shell_command(words), "tenbin fit 'a b.csv'");
  EXPECT_EQ(shell_command({}), "");
}

}  // namespace
}  // namespace tenbin

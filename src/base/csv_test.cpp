// SPDX-License-Identifier: Apache-2.0
#include "base/csv.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(Csv, CellsAreQuotedWhereTheRulesAskForIt) {
  const struct {
    const char *why, *text, *cell;
  } rows[] = {
      {"plain", "left", "left"},
      {"nothing", "", ""},
      {"comma", "a,b", "\"a,b\""},
      {"quote", "a\"b", "\"a\"\"b\""},
      {"line", "a\nb", "\"a\nb\""},
      {"a negative number stays one", "-1.5e3", "-1.5e3"},
      {"a formula is text", "=1+1", "'=1+1"},
      {"a formula with a comma", "@a,b", "\"'@a,b\""},
  };
  for (const auto& row : rows) EXPECT_EQ(csv_cell(row.text), row.cell) << row.why;
}

}  // namespace
}  // namespace tenbin

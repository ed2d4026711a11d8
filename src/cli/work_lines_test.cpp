// SPDX-License-Identifier: Apache-2.0
#include "cli/work_lines.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

TEST(ReadingText, ShowsWhatIsKnownAndNoMore) {
  const struct {
    const char* why;
    ReadProgress now;
    Duration spent;
    const char* text;
  } rows[] = {
      {"bytes of a file",
       {"checking the text", "bytes", 120'000'000, 400'000'000},
       2s,
       "checking the text  120 MB of 400 MB  30%  60 MB/s  ETA 5 s"},
      {"rows, their number guessed from lines",
       {"finding types", "rows", 50'000, 200'000, true},
       1s,
       "finding types  50k of about 200k rows  25%  50k rows/s  ETA 3 s"},
      {"no total: no share and no end",
       {"reading rows", "rows", 5'000},
       1s,
       "reading rows  5,000 rows  5,000 rows/s"},
      {"too early for a rate",
       {"reading texts", "files", 3, 1'000},
       100ms,
       "reading texts  3 of 1,000 files  0%"},
      {"nothing yet",
       {"reading texts", "files", 0, 1'000},
       5s,
       "reading texts  0 of 1,000 files  0%"},
  };
  for (const auto& row : rows) EXPECT_EQ(reading_text(row.now, row.spent, 0), row.text) << row.why;
  EXPECT_EQ(reading_text(rows[0].now, 2s, 20).size(), 20u);
}

double now = 0;
double clock_of_test() { return now; }

TEST(FitLines, ReadingIsAsDenseAsItsReaderWants) {
  const struct {
    const char* why;
    bool live, quiet;
    double total;
    int lines, redrawn;
  } rows[] = {
      {"a short read in a pipe says nothing", false, false, 1.9, 0, 0},
      {"a long one: a line in ten seconds", false, false, 60, 6, 0},
      {"a terminal: five times a second, but nothing in the first moment", true, false, 2.3, 0, 10},
      {"quiet is quiet", true, true, 60, 0, 0},
  };
  for (const auto& row : rows) {
    now = 0;
    std::FILE* file = std::tmpfile();
    ASSERT_NE(file, nullptr);
    {
      FitLines::How how;
      how.live = row.live;
      how.quiet = row.quiet;
      how.seconds = clock_of_test;
      FitLines lines(file, how);
      for (int i = 1; i * 0.001 <= row.total; ++i) {  // a block of rows each millisecond
        now = i * 0.001;
        lines.reading({"reading rows", "rows", i, 100'000});
      }
    }
    std::string out(static_cast<std::size_t>(std::ftell(file)), ' ');
    std::rewind(file);
    ASSERT_EQ(std::fread(out.data(), 1, out.size(), file), out.size());
    std::fclose(file);
    const auto count = [&out](std::string_view part) {
      int found = 0;
      for (std::size_t at = 0; (at = out.find(part, at)) != out.npos; ++at) ++found;
      return found;
    };
    EXPECT_NEAR(count("\n"), row.lines, 1) << row.why << "\n" << out;
    EXPECT_NEAR(count("\r\033[K   reading rows"), row.redrawn, 1) << row.why;
    EXPECT_TRUE(row.redrawn == 0 || out.ends_with("\r\033[K")) << "nothing is left behind";
  }
}

}  // namespace
}  // namespace tenbin

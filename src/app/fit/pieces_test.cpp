// SPDX-License-Identifier: Apache-2.0
#include "app/fit/pieces.h"

#include <gtest/gtest.h>

#include "app/fit/prepare.h"
#include "app/fit/test_run.h"

namespace tenbin {
namespace {

struct PiecesOfWork : testing::Test, RunForTests {
  Pieces pieces(std::optional<Duration> limit) {
    Limits limits;
    limits.time = limit;
    return {BudgetWatch(limits, Prices{}, *meter, clock, clock.steady_now()), clock};
  }
  std::string put(const std::string& name, const std::string& content) {
    EXPECT_TRUE(files.make_folders(folder_of(folder / name)).ok());
    EXPECT_TRUE(files.write_durable(folder / name, content).ok());
    return folder / name;
  }
};

TEST_F(PiecesOfWork, StopBeforeTheOneThatWouldPassTheLimit) {
  Pieces work = pieces(5s);
  work.begin();
  const StopQuestion may_go_on = work.question();
  int done = 0;
  for (const Duration piece : {1s, 2s, 1s, 1s}) {
    clock.advance(piece);
    ++done;
    if (!may_go_on().ok()) break;
  }
  EXPECT_EQ(done, 3) << "4 s are used, and another of 2 s does not fit into 5 s";
  EXPECT_EQ(work.longest(), Duration(2s));
  const Status again = may_go_on();
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(before_training(again.error(), "d.csv").cause(), Cause::kBudget) << "exit code 5";
  EXPECT_EQ(before_training(again.error(), "d.csv").where(), "d.csv");
  const Error other(ErrorCode::kMalformedData, "row 3", "x");
  EXPECT_EQ(before_training(other, "d.csv").where(), "x") << "what is no budget stays as it is";
}

// Every reader and every step of preparation asks, and ends with the answer: each question takes a
// tenth of a second here.
TEST_F(PiecesOfWork, EveryKindOfDataIsPreparedWithinTheLimit) {
  std::string csv = "a,b,c,y\n",
              arff = "@relation r\n@attribute a numeric\n@attribute y {n,p}\n@data\n", svm;
  for (int i = 0; i < 10'000; ++i) {
    const std::string x = std::to_string(i * 37 % 1'009), y = i % 2 == 0 ? "n" : "p";
    const std::string row = "," + x + "," + y + "\n";
    csv.append(x).append(",").append(std::to_string(i % 13)).append(row);
    arff.append(row.substr(1));
    svm.append(i % 2 == 0 ? "0 1:" : "1 1:").append(x).append(" 2:");
    svm.append(std::to_string(i % 5)).append("\n");
  }
  for (int i = 0; i < 40; ++i) {
    put("docs/" + std::string(i % 2 == 0 ? "ham" : "spam") + "/" + std::to_string(i) + ".txt",
        "some words and " + std::to_string(i) + (i % 2 == 0 ? " good" : " bad"));
  }
  const struct {
    const char* why;
    std::string path, target;
    int least;  // questions: blocks of rows, files, columns of profile, cleaning and features
  } rows[] = {
      {"blocks of rows through DuckDB, twice, then columns", put("a.csv", csv), "y", 20},
      {"lines of ARFF", put("a.arff", arff), "y", 8},
      {"lines of LIBSVM", put("a.svm", svm), "label", 10},
      {"documents, one at a time", folder / "docs", "label", 45},
  };
  constexpr Duration kPiece = 100ms;
  for (const auto& row : rows) {
    FitOptions options;
    options.data = row.path;
    options.target = row.target;
    const auto prepare = [&](Pieces& work, int& asked) {
      work.begin();
      return prepare_data(options, files, observer, StopQuestion([&, ask = work.question()] {
                            ++asked;
                            clock.advance(kPiece);
                            return ask();
                          }));
    };
    int all = 0;
    Pieces free = pieces(std::nullopt);
    const auto whole = prepare(free, all);
    if (!whole.ok() && whole.error().code() == ErrorCode::kMissingPlugin) continue;
    ASSERT_TRUE(whole.ok()) << row.why << ": " << whole.error().to_string();
    EXPECT_GE(all, row.least) << row.why;
    for (int most = 2; most < all; ++most) {
      int asked = 0;
      const Duration began = clock.steady_now();
      Pieces bound = pieces(kPiece * most);
      const auto stopped = prepare(bound, asked);
      // A query that is long in giving its rows asks by the clock: then a run has questions more.
      if (stopped.ok() && most >= row.least && asked < most) continue;
      ASSERT_FALSE(stopped.ok()) << row.why << " at " << most;
      EXPECT_EQ(stopped.error().code(), ErrorCode::kBudgetExceeded) << row.why << " at " << most;
      EXPECT_LE(clock.steady_now() - began, kPiece * most) << row.why << " at " << most;
      EXPECT_EQ(asked, most) << row.why << ": stops at once, and not early";
    }
  }
}

}  // namespace
}  // namespace tenbin

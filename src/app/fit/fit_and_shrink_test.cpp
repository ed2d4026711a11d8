// SPDX-License-Identifier: Apache-2.0
#include "app/fit/fit_and_shrink.h"

#include <gtest/gtest.h>

#include <string>
#include "app/fakes/quiet_observer.h"

#include "platform/clock.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"
#include "platform/random.h"

namespace tenbin {
namespace {

// Four columns; the class is told by two of them.
std::string rows_csv(int rows) {
  std::string out = "a,b,c,d,y";
  Random random(3, 9);
  for (int row = 0; row < rows; ++row) {
    double x[4];
    out += "\n";
    for (double& value : x) out += std::to_string(value = random.normal()) + ",";
    out += x[0] * x[1] + 0.5 * x[2] > 0 ? "yes" : "no";
  }
  return out + "\n";
}

TEST(FitAndShrink, TellsWhatCameOfTheSmallerModel) {
  const TestFolder folder;
  FileSystem& files = real_file_system();
  FitOptions options;
  options.data = folder.path() + "/rows.csv";
  options.target = "y";
  options.output = folder.path() + "/out";
  options.limit = {"time=9s,size=1MB"};
  options.shrink = true;
  options.max_drop = Ratio{0.05};
  ASSERT_TRUE(files.write_durable(options.data, rows_csv(4'000)).ok());
  QuietObserver observer;
  const auto outcome = fit_and_shrink(options, files, real_clock(), observer);
  ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
  const Json& small = outcome->document["shrink"];
  const std::string how = small["outcome"].as_string();
  EXPECT_TRUE(how == "shipped" || how == "not_proven") << how << ": " << small.dump();
  EXPECT_EQ(files.exists(options.output + "/small/model.onnx"), how == "shipped");
  EXPECT_EQ(small["exit_code"].as_integer(), how == "shipped" ? 0 : 5);
  EXPECT_TRUE(files.exists(options.output + "/model.onnx")) << "the fit's own stays";
  const Json written =
      Json::parse(files.read_text(options.output + "/result.json", 1 << 24).value()).value();
  EXPECT_EQ(written["shrink"].dump(), small.dump());
  const Json proven =
      Json::parse(files.read_text(options.output + "/small/result.json", 1 << 24).value()).value();
  ASSERT_EQ(proven["promise"]["limits"].items().size(), 1U) << "the goal, not the budget";
  EXPECT_EQ(proven["promise"]["limits"].items().front().as_string(), "size=1MB");
}

TEST(FitAndShrink, KeepsAThirdOfEachBudget) {
  Limits limits;
  limits.time = Duration(60s);
  limits.energy = joules(300);
  limits.size = Bytes{1000};
  const Limits kept = kept_for_shrinking(limits);
  EXPECT_EQ(kept.time, Duration(20s));
  EXPECT_EQ(kept.energy, joules(100));
  EXPECT_FALSE(kept.size || kept.money || kept.carbon);
}

TEST(FitAndShrink, StandardInputCannotBeReadAgain) {
  FitOptions options;
  options.data = "spooled";
  options.data_name = "standard input";
  options.shrink = true;
  QuietObserver observer;
  const auto outcome = fit_and_shrink(options, real_file_system(), real_clock(), observer);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ErrorCode::kBadValue);
}

}  // namespace
}  // namespace tenbin

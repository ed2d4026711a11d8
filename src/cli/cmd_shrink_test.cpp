// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"
#include "cli/shrink_text.h"

namespace tenbin {
namespace {

TEST(CmdShrink, NeedsAModelRowsAndUsableOptions) {
  EXPECT_EQ(run_command({"shrink"}).code, 2);
  const CommandCase no_rows = run_command({"shrink", "/nowhere/m.onnx"});
  EXPECT_EQ(no_rows.code, 2);
  EXPECT_NE(no_rows.err.find("--data"), std::string::npos) << no_rows.err;
  const CommandCase drop =
      run_command({"shrink", "/nowhere/m.onnx", "--data", "x.csv", "--max-drop", "90%"});
  EXPECT_EQ(drop.code, 2);
  EXPECT_NE(drop.err.find("0.01% to 50%"), std::string::npos) << drop.err;
  const CommandCase budget =
      run_command({"shrink", "/nowhere/m.onnx", "--data", "x.csv", "--limit", "time=5min"});
  EXPECT_EQ(budget.code, 2);
  EXPECT_NE(budget.err.find("--budget"), std::string::npos) << budget.err;
  EXPECT_EQ(run_command({"shrink", "/nowhere/m.onnx", "--data", "x.csv"}).code, 3);
  EXPECT_EQ(run_command({"shrink", "--verify", "/nowhere"}).code, 3);
  EXPECT_EQ(run_command({"shrink", "m.onnx", "--verify", "/nowhere"}).code, 2);
  EXPECT_EQ(
      run_command({"shrink", "/nowhere/m.onnx", "--data", "x.csv", "--goal", "beauty"}).code, 2);
}

Json proven(double value, double low, double high) {
  return Json::object({{"value", value}, {"low", low}, {"high", high}});
}

TEST(CmdShrink, TextGivesTheVerdictFirstThenWhatWasTried) {
  Json good = Json::object({{"name", "int8"}, {"shipped", true}, {"seconds", 2e-5}});
  good.set("model", Json::object({{"size_bytes", 100'000}}));
  good.set("choose", Json::object({{"drop", proven(0.003, 0.001, 0.007)}}));
  Json bad = Json::object({{"name", "int8 (mse)"}, {"shipped", false}});
  bad.set("failed", "value 'h' is not finite").set("why_not", "value 'h' is not finite");
  Json shrink = Json::object({{"schema", "tenbin.shrink/1"}, {"verdict", "3x faster"}});
  shrink.set("original", Json::object({{"score_name", "accuracy"}}));
  shrink.set("attempts", Json(Json::Array{good, bad}));
  shrink.set("beside", Json::object({{"reason", "libonnxruntime.so.1 is not here"}}));
  shrink.set("files", Json::object({{"model", "small/model.onnx"}}));
  const std::string text = shrink_text(shrink, {});
  EXPECT_EQ(text.find("3x faster"), 0U) << text;
  for (const char* part : {"20 us", "-0.30", "shipped", "value 'h' is not finite",
                           "libonnxruntime.so.1 is not here", "small/model.onnx"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
  EXPECT_NE(shrink_plain(shrink).find("int8\t1\t"), std::string::npos) << shrink_plain(shrink);
}

}  // namespace
}  // namespace tenbin

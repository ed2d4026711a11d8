// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"
#include "cli/profile_text.h"

namespace tenbin {
namespace {

TEST(CmdProfile, NeedsAModelAndUsableOptions) {
  EXPECT_EQ(run_command({"profile"}).code, 2);
  const CommandCase missing = run_command({"profile", "/nowhere/m.onnx", "--json"});
  EXPECT_EQ(missing.code, 3);
  EXPECT_NE(missing.err.find("\"code\":\"E0301\""), std::string::npos) << missing.err;
  for (const char* batch : {"0", "x", "70000"}) {
    const CommandCase bad = run_command({"profile", "/nowhere/m.onnx", "--batch", batch});
    EXPECT_EQ(bad.code, 2) << batch;
    EXPECT_NE(bad.err.find("expected 1 to 65536"), std::string::npos) << bad.err;
  }
  EXPECT_EQ(run_command({"profile", "/nowhere/m.onnx", "--input", "x=3x"}).code, 2);
  EXPECT_EQ(run_command({"profile", "/nowhere/m.onnx", "--time", "1ms"}).code, 2);
}

TEST(CmdProfile, TextFollowsTheDocument) {
  Json node = Json::object({{"name", "stage1/unit2/a-long-name/conv_with_words"},
                            {"ops", Json(Json::Array{"Conv", "Relu"})},
                            {"engine", "native"},
                            {"kernels", Json(Json::Array{"jit:avx512_core"})},
                            {"seconds", 2e-5},
                            {"share", 0.8},
                            {"macs", 1'000'000},
                            {"parameters", 900},
                            {"bytes_moved", 4096},
                            {"roofline_share", 0.5},
                            {"bound", "compute"}});
  Json good = Json::object({{"batch", 1}, {"seconds_p50", 2.5e-5}, {"rows_per_second", 40'000}});
  good.set("p99_reason", "12 runs in the time, 2000 are needed");
  good.set("nodes", Json(Json::Array{node}));
  const Json bad = Json::object({{"batch", 8}, {"error", "shape is fixed"}});
  Json profile = Json::object({{"verdict", "m.onnx: fast"}});
  profile.set("batches", Json(Json::Array{good, bad}));
  const std::string text = profile_text(profile, false, {});
  for (const char* part :
       {"m.onnx: fast", "batch 8 failed: shape is fixed", "Conv+Relu", "50 %", "conv_with_words",
        "p99 of batch 1: 12 runs", "native", "nothing is worth one percent"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
  EXPECT_EQ(profile_plain(profile).find("1\tstage1/unit2"), 0U) << profile_plain(profile);
}

}  // namespace
}  // namespace tenbin

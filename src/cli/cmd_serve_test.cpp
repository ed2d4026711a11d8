// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdServe, RefusesWhatCannotBeServed) {
  EXPECT_EQ(run_command({"serve"}).code, 2);
  EXPECT_EQ(run_command({"serve", "/nowhere/model.onnx"}).code, 3);
  EXPECT_EQ(run_command({"serve", "/nowhere", "--throttle", "fast"}).code, 2);
  const CommandCase slo = run_command({"serve", "/nowhere", "--slo", "p98=1ms"});
  EXPECT_EQ(slo.code, 2);
  EXPECT_NE(slo.err.find("p99.9"), std::string::npos) << slo.err;
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdPredict, NeedsModelAndData) {
  EXPECT_EQ(run_command({"predict", "m.onnx"}).code, 2);
  const CommandCase missing = run_command({"predict", "/nowhere/m.onnx", "x.csv", "--json"});
  EXPECT_EQ(missing.code, 3);
  EXPECT_NE(missing.err.find("\"code\":\"E0301\""), std::string::npos) << missing.err;
}

}  // namespace
}  // namespace tenbin

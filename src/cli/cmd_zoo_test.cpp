// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/command_case.h"

namespace tenbin {
namespace {

TEST(CmdZoo, ListsModelsForPeopleAndPrograms) {
  const CommandCase text = run_command({"zoo", "list"});
  EXPECT_EQ(text.code, 0);
  EXPECT_NE(text.out.find("efficientnetb0"), std::string::npos) << text.out;
  const CommandCase json = run_command({"zoo", "list", "--json"});
  EXPECT_NE(json.out.find("\"schema\":\"tenbin.zoo_list/1\""), std::string::npos) << json.out;
}

TEST(CmdZoo, TellsWhatIsMissingOrUnknown) {
  const struct {
    const char* why;
    std::vector<std::string> words;
    const char* says;
  } rows[] = {
      {"no verb", {"zoo"}, "list, or build and a model"},
      {"misspelt", {"zoo", "build", "resnet81", "-o", "x.onnx"}, "resnet18"},
      {"no file", {"zoo", "build", "lenet"}, "-o lenet.onnx"},
      {"no sizes", {"zoo", "build", "lenet", "--input", "3x", "-o", "x.onnx"}, "as 3x32x32"},
      {"too small", {"zoo", "build", "lenet", "--input", "3x8x8", "-o", "x.onnx"}, "vanishes"},
  };
  for (const auto& row : rows) {
    const CommandCase tried = run_command(row.words);
    EXPECT_NE(tried.code, 0) << row.why;
    EXPECT_NE(tried.err.find(row.says), std::string::npos) << row.why << ": " << tried.err;
  }
}

TEST(CmdZoo, BuildsAFileAndCountsIt) {
  const std::string path = ::testing::TempDir() + "cmd_zoo_lenet.onnx";
  const CommandCase built = run_command({"zoo", "build", "LeNet", "-o", path, "--json"});
  EXPECT_EQ(built.code, 0) << built.err;
  EXPECT_NE(built.out.find("\"parameters\":62006"), std::string::npos) << built.out;
  EXPECT_NE(built.out.find("\"macs\":651720"), std::string::npos) << built.out;
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "platform/process.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

ProcessEnd run(const std::string& script, std::string* output = nullptr) {
  ProcessOptions options;
  options.capture_output = true;
  auto process = real_processes().start({"sh", "-c", script}, options);
  EXPECT_TRUE(process.ok());
  const auto end = (*process)->wait(20s);
  EXPECT_TRUE(end.ok() && end->has_value()) << script;
  if (output != nullptr) *output = (*process)->output();
  return end->value_or(ProcessEnd{});
}

TEST(Process, KeepsExitCodesAndOutput) {
  std::string output;
  EXPECT_EQ(run("printf hello; exit 7", &output).exit_code, 7);
  EXPECT_EQ(output, "hello");
  const ProcessEnd killed = run("kill -9 $$");
  EXPECT_EQ(killed.exit_code, 137) << "128 + signal, as shells tell it";
  EXPECT_EQ(killed.signal, 9);
}

TEST(Process, RefusesWhatIsNotThere) {
  const auto process = real_processes().start({"no-such-command-here"}, {});
  ASSERT_FALSE(process.ok());
  EXPECT_EQ(process.error().code(), ErrorCode::kCommandFailed);
}

TEST(Process, CountsTheCpuOfGrandchildren) {
  const ProcessEnd end =
      run("sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done' & wait; true");
  EXPECT_GT(end.cpu_user + end.cpu_system, Duration(10ms)) << "the loop ran in a grandchild";
}

TEST(Process, EndsTheWholeGroup) {
  auto process = real_processes().start({"sh", "-c", "sleep 100 & sleep 100"}, {});
  ASSERT_TRUE(process.ok());
  EXPECT_FALSE((*process)->poll()->has_value());
  ASSERT_TRUE((*process)->send(Signal::kTerminate).ok());
  const auto end = (*process)->wait(20s);
  ASSERT_TRUE(end.ok() && end->has_value());
  EXPECT_EQ((*end)->signal, 15);
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "cli/command_case.h"

#include <gtest/gtest.h>

#include "cli/command.h"

namespace tenbin {

CommandCase run_command(std::vector<std::string> words) {
  words.insert(words.begin(), "tenbin");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  CommandCase result;
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const CommandEntry* entry = find_command(words[1]);
  result.code = entry == nullptr ? -1 : entry->run(static_cast<int>(argv.size()), argv.data());
  result.out = ::testing::internal::GetCapturedStdout();
  result.err = ::testing::internal::GetCapturedStderr();
  return result;
}

}  // namespace tenbin

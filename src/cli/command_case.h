// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tenbin {

// What a command printed and returned, run inside the test's process.
struct CommandCase {
  int code = 0;
  std::string out, err;
};
CommandCase run_command(std::vector<std::string> words);

}  // namespace tenbin

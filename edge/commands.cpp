// SPDX-License-Identifier: Apache-2.0
#include "app/here.h"
#include "cli/command.h"

namespace tenbin {

const CommandEntry& cmd_explain();
const CommandEntry& cmd_serve();

std::span<const CommandEntry* const> command_catalogue() {
  static const CommandEntry* const all[] = {&cmd_explain(), &cmd_serve()};
  return all;
}

}  // namespace tenbin

tenbin::Result<std::string> tenbin::here::manifest(Serving& /*serving*/) {
  return Error(ErrorCode::kMissingCapability, "this build writes no objects for clusters", "--emit",
               "ask the whole tenbin");
}

// What --version tells of libraries: all are part of the file.
std::vector<tenbin::Library> tenbin::here::libraries() { return {}; }

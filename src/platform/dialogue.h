// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "platform/process.h"

namespace tenbin {

// A started command that answers each line on its stdin with one line on its stdout; its stderr is
// ours. Ends with its whole group when destroyed. Not thread-safe.
class Dialogue {
 public:
  virtual ~Dialogue() = default;
  // Sends `line` and waits for the answer; both without line end. Errors kCommandFailed: it ended
  // or closed its side, it was silent for `patience`, or its line is longer than 64 MiB;
  // kInterrupted, once watch_interrupts() was told.
  virtual Result<std::string> ask(const std::string& line, Duration patience) = 0;
  // To stop, continue and end it.
  virtual Process& process() = 0;
};

struct DialogueOptions {
  std::vector<std::string> set_env;  // "NAME=value", added to ours
  std::vector<int> cpus;             // it may run on; empty: where we may
};

Result<std::unique_ptr<Dialogue>> start_dialogue(const std::vector<std::string>& argv,
                                                 const DialogueOptions& options);

}  // namespace tenbin

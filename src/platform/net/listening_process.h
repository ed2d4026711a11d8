// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/units.h"

namespace tenbin {

// The process of this machine that listens at a TCP port, found by its sockets in `proc`; nothing:
// none that we may look into.
std::optional<int> process_listening_at(int port, const std::string& proc = "/proc");

// CPU time so far and resident memory of a process and all that came of it.
struct ProcessUse {
  Duration cpu{};
  std::int64_t memory = 0;  // [B]
};
std::optional<ProcessUse> use_of_process(int pid, const std::string& proc = "/proc");

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace tenbin {

// What this kernel has to confine a process with: "Landlock (ABI 7) and seccomp". Error
// kMissingCapability: one of them is not there, or a sanitizer, which needs more, is built in.
Result<std::string> sandbox_here();

// Gives up, for this process and for good, all that computing does not need: of files it may read
// those below `readable` (what is not there is left out) and those that are open; it writes to what
// is open, makes threads, takes memory. No sockets, no programs, no signals to others, no tracing.
// What is refused fails with EPERM or EACCES. Call it before threads are made. Errors as of
// sandbox_here().
Status confine(const std::vector<std::string>& readable);

// What a process that runs models reads of the system: libraries, and facts of the machine.
std::vector<std::string> system_files_of_models();

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "platform/terminal.h"

#include <unistd.h>

namespace tenbin {

bool is_terminal(int stream) { return ::isatty(stream) == 1; }

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tenbin {

// Whether a standard stream (0 in, 1 out, 2 err) is a terminal.
bool is_terminal(int stream);

}  // namespace tenbin

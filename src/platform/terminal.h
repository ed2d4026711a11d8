// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace tenbin {

// Whether a standard stream (0 in, 1 out, 2 err) is a terminal.
bool is_terminal(int stream);
// Columns of the terminal behind a standard stream; 0 if it is none or does not say.
std::size_t terminal_columns(int stream);
// Occupies standard streams that are closed, so that no file of ours is opened under their number
// and written to by a message. Writing to such a stream fails. Call first in the process.
void occupy_closed_streams();
// Whether a stream is a pipe or socket whose reader has gone (`| head`).
bool reader_left(int stream);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tenbin {

// Asks the kernel to let this process use the matrix tiles of AMX; true if the processor has them
// and they may be used from now on. Asking again is harmless. Thread-safe.
bool use_matrix_tiles();

}  // namespace tenbin

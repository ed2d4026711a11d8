// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tenbin {

// Gives memory that was freed back to the system, as far as the allocator can: after something
// large was built or let go. Takes milliseconds.
void give_back_memory();

}  // namespace tenbin

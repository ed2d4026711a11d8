// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/result.h"

namespace tenbin {

// The CPUs that the calling thread may run on, ascending.
std::vector<int> thread_cpus();

// Confines the calling thread, and the threads and processes it starts from now on. Error
// kBadValue: none of `cpus` is usable here.
Status set_thread_cpus(const std::vector<int>& cpus);

}  // namespace tenbin

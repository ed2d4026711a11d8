// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "bench/harness/compare.h"
#include "bench/harness/peers.h"

namespace tenbin::bench {

// The main function of a bench: reads the options, runs it, tells errors, returns the exit code.
int run_program(int argc, const char* const* argv, const std::string& bench,
                const std::function<Result<int>(const Options&)>& run);

}  // namespace tenbin::bench

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bench/harness/pair_runner.h"

namespace tenbin::bench {

// What every bench understands on its command line.
struct Options {
  std::string only_case;   // --case NAME: of its cases, this one
  std::string peers;       // --peers debian|modern, or the name of one; empty: debian, or the
                           // reference when answers are checked
  int pairs = 15;          // --pairs N [1..1000]
  int threads = 1;         // --threads N: of each side at most
  std::vector<int> cpus;   // --cpus 0,1: as many as threads; the first ones if not given
  Duration block = 250ms;  // --block 250ms: how long a side works in a pair
  bool json = false;       // --json: a JSON line after each line for people
  bool check = false;      // --check: the answers alone, at a small size, no timing
  std::string folder;      // of the program, where peers lie beside it
};

// Errors kUnknownOption, kBadValue, kMissingArgument.
Result<Options> parse_options(int argc, const char* const* argv);

}  // namespace tenbin::bench

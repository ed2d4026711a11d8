// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenbin::bench {

struct TrainCase {
  std::string net;
  std::int64_t batch = 0;
  std::string precision;  // "fp32" or "bf16" on our side; a fp32 peer may be the one to beat
};

// A bench program that compares training steps. Returns its exit code.
int run_training(int argc, const char* const* argv, const std::string& bench,
                 const std::vector<TrainCase>& cases);

}  // namespace tenbin::bench

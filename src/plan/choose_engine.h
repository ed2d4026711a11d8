// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"

namespace tenbin {

// What is known of the two engines for one model, on the same rows.
struct EngineTrial {
  std::vector<Duration> native, onnxruntime;  // each round's time, pairs in the same order
  std::int64_t rows = 0;                      // of a round
  std::optional<double> difference;           // of their answers; nothing: shapes differ
};

struct EngineDecision {
  bool native = true;
  std::string why;
};

// The cheaper engine by the median ratio of the pairs. Ours is kept when the other gains less than
// a tenth; the other is taken when answers differ by more than a thousandth, because it is the
// reference that models are made with. Both arms have at least one round.
EngineDecision choose_engine(const EngineTrial& trial);

}  // namespace tenbin

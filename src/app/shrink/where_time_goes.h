// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/units.h"
#include "engine/session.h"

namespace tenbin {

class Clock;

// One step of a run, as the engine tells it.
struct StepShare {
  std::string results;  // what it writes, joined
  std::string kernel;
  std::string kind;  // compiled, conversion, plain
  Duration time{};   // median of the runs
  double share = 0;  // of the run
};

struct WhereTimeGoes {
  std::vector<StepShare> steps;                   // in order
  Duration run{};                                 // a whole run
  double conversion = 0, plain = 0, between = 0;  // shares of a run
  std::string no_steps;                           // why there are none
};

// Watches a few runs of `inputs`.
Result<WhereTimeGoes> watch_time(Session& session, std::span<const Tensor> inputs, Clock& clock);

// What keeps a model from being faster, in words: conversions, plain loops, calls and copies, or
// its heaviest step.
std::string dominant_cause(const WhereTimeGoes& where);

Json to_json(const WhereTimeGoes& where);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/roofline.h"

namespace tenbin {

// Where a piece of a network ran.
enum class RanIn { kCompiled, kConversion, kPlain };

// One row of a profile: nodes that ran as one, or conversions before them.
struct ProfiledNode {
  std::string name;
  std::vector<std::string> ops;  // "Conv", "Relu"
  RanIn ran = RanIn::kCompiled;
  Duration time{};  // median of its repeats
  Macs macs;
  Floor floor;
  bool depthwise = false;  // a convolution with a group a channel
};

// A profile of one model at one batch size, and what another batch did.
struct ProfileSnapshot {
  std::vector<ProfiledNode> nodes;
  Duration total{};        // of one run that nobody watches
  Duration between{};      // of it between the steps: calls, copies, allocations
  std::int64_t batch = 1;  // rows of a run
  int threads = 1;         // that ran it
  int threads_here = 1;    // that could
  std::optional<double> bfloat16_gain, int8_gain;  // their peaks over float's
  // The best throughput seen at another batch size, over that of this one.
  std::int64_t best_batch = 1;
  double best_batch_gain = 1;
};

// What to change, why, and the share of the time that it is about.
struct Advice {
  std::string what, why;
  double share = 0;  // of the run's time that could be saved at most, 0..1
};

// The changes that promise most, best first, at most `most`; none is made up when there is nothing
// worth one percent.
std::vector<Advice> first_changes(const ProfileSnapshot& profile, std::size_t most = 3);

}  // namespace tenbin

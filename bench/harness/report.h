// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "base/json.h"
#include "bench/harness/answer_check.h"
#include "bench/harness/pair_runner.h"

namespace tenbin::bench {

// Everything one comparison found out. What is absent has a reason.
struct Comparison {
  std::string bench, what;      // "bench_train_cnn"; "one training step of cnn_28, batch 128"
  std::string case_name, unit;  // "cnn_28 fp32"; "CPU time", "median latency"
  std::string peer_name, peer_version, peer_source;
  Json work, setting_a, setting_b;  // settings that won the calibration
  Json calibration;                 // [{setting, time_s}] of the peer
  int threads = 1;
  std::string peak_name;  // "fp32"
  Timing timing = Timing::kCpu;
  std::vector<PairSample> samples;
  std::optional<PairSummary> summary;
  std::optional<AnswerCheck> check;
  std::optional<double> cold_a, cold_b;  // s until the first result
  Json kernels;
};

// "9.18": three digits, rounded down, so that a promise is never rounded up.
std::string ratio_text(double ratio);
// "15 us".
std::string seconds_text(double seconds);

// One line for people, and the same as one JSON value. `machine`: see machine_json().
std::string human_line(const Comparison& c);
Json json_line(const Comparison& c, const Json& machine);

// The geometric mean of the ratios with the least and the most, for people and as one JSON value:
// "of 3 networks: geometric mean 1.2x ...". Those without a ratio are counted, not averaged.
std::string mean_line(const std::string& what, std::span<const Comparison> all);
Json mean_json(const std::string& what, std::span<const Comparison> all);

// {cpu, isa, cores, mem, kernel, env}: env holds the variables that change what libraries do.
Json machine_json();

}  // namespace tenbin::bench

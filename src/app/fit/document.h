// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/doctor.h"
#include "app/fit/learn.h"
#include "app/fit/prove.h"
#include "graph/counts.h"
#include "platform/machine.h"

namespace tenbin {

// Everything a fit found out, for docs/formats/fit.md.
struct FitFacts {
  const FitOptions* options = nullptr;
  const Prepared* prepared = nullptr;
  const Learned* learned = nullptr;
  MachineFacts machine;
  std::vector<Library> libraries;
  int threads = 1;
  std::int64_t wall_started_ns = 0, wall_finished_ns = 0;
  std::string outcome, outcome_reason;
  int exit_code = 0;
  std::string model_path, report_path, result_path, ledger_path;
  std::int64_t model_bytes = 0;
  std::string model_sha256;
  Model model;
  std::optional<GraphCounts> counts;
  TestScores test;
  Latency latency;
  Throughput throughput;
  std::vector<std::string> kernels;
  EnergyEstimate training_energy, per_1000_energy;
  std::vector<LimitCheck> limits;
  RunTotals totals;
  std::string meter;
  Prices prices;
  std::vector<PowerPoint> power;
  Duration started{};
};
Json fit_document(const FitFacts& facts);

}  // namespace tenbin

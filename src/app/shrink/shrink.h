// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/fit/fit.h"
#include "base/json.h"
#include "data/read.h"
#include "meter/meter.h"
#include "meter/prices.h"
#include "plan/limits.h"
#include "plan/shrink_plan.h"

namespace tenbin {

class Clock;
class FileSystem;

// Makes a model cheaper, and ships what is proven to be so on this machine, or nothing.
struct ShrinkOptions {
  std::string model;
  std::string data;
  std::string target;
  std::string output = "small";
  Ratio max_drop{0.005};
  ShrinkGoal goal = ShrinkGoal::kLatency;
  std::vector<std::string> limit;
  std::string budget = "10min";
  std::int64_t batch = 1;
  int threads = 1;
  std::int64_t seed = 1;
  std::string verify;
  bool resume = false;
  std::vector<std::string> command;   // argv, for the record
  std::optional<Limits> budget_left;  // in place of `budget`: what a fit left of its own
  ReadOptions read;
  Prices prices;
  MeterOptions meter;

  template <class Fields> static void describe(Fields& f) {
    f("data", &ShrinkOptions::data, "Rows to calibrate, choose and prove on: any data file.");
    f("target", &ShrinkOptions::target,
      "Column with the labels; without it, answers that change count as lost.");
    f("output", &ShrinkOptions::output, "Folder for model, report, result and ledger.");
    f("max_drop", &ShrinkOptions::max_drop,
      "Most accuracy (or R2) that may be lost, proven at 95 % [0.01%..50%].");
    f("goal", &ShrinkOptions::goal, "What should fall: latency, energy or size.");
    f("limit", &ShrinkOptions::limit, "What the result must meet, e.g. p99=1ms,size=300KB.");
    f("budget", &ShrinkOptions::budget, "What the search may use, e.g. 10min,20kJ.");
    f("batch", &ShrinkOptions::batch, "Rows of a run that is measured [1..4096].");
    f("threads", &ShrinkOptions::threads,
      "Threads of a run that is measured [0: as many as the process may use].");
    f("seed", &ShrinkOptions::seed, "Same seed: rows are divided the same way.");
    f("resume", &ShrinkOptions::resume,
      "Go on from what a run that was stopped tried and trained in the output folder.");
    f("verify", &ShrinkOptions::verify,
      "Folder of an earlier result: repeat its proof; exit 6 if it does not hold any more.");
  }
};

struct ShrinkOutcome {
  Json document;       // tenbin.shrink/1
  int exit_code = 0;   // 0, 5 (nothing is proven better within the limits), 6 (verify), 130
  std::string reason;  // when not 0
};

// Reads, tries, measures in pairs, proves and writes OUTPUT/model.onnx beside original.onnx,
// result.json, report.html and the ledger; without a proof no model is written.
// Errors: those of reading model and data; kTooFewRows; kUnsupportedOp; kBudgetExceeded before
// anything was tried.
Result<ShrinkOutcome> shrink(const ShrinkOptions& options, FileSystem& files, Clock& clock,
                             FitObserver& observer);

// Repeats the proof of the result in options.verify.
Result<ShrinkOutcome> verify_shrunk(const ShrinkOptions& options, FileSystem& files, Clock& clock,
                                    FitObserver& observer);

}  // namespace tenbin

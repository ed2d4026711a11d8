// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/units.h"
#include "data/clean.h"
#include "data/read.h"
#include "data/split.h"
#include "data/target.h"
#include "data/transforms/transform.h"
#include "engine/train.h"
#include "meter/meter.h"
#include "meter/prices.h"

namespace tenbin {

class Clock;
class FileSystem;
struct Limits;

// The main job: data in, the best model within the limits out, proven on rows it never saw.
struct FitOptions {
  std::string data;
  std::string data_name;  // what to call the data, if not by its path
  std::string data_file;  // the file that standard input was redirected from, if any
  std::string target;
  std::string output = "out";
  std::vector<std::string> limit;
  TaskHint task = TaskHint::kAuto;
  std::int64_t seed = 1;
  int threads = 0;
  Precision precision = Precision::kFloat32;
  Bytes memory{0};
  std::int64_t epochs = 0;
  std::string from;
  std::int64_t train_last = 0;
  bool shrink = false;
  Ratio max_drop{0.005};
  bool resume = false;
  bool dry_run = false;
  std::vector<std::string> command;  // argv, for the record
  ReadOptions read;
  SplitOptions split;
  CleanOptions clean;
  FeatureOptions features;
  Prices prices;
  MeterOptions meter;

  const std::string& shown_data() const { return data_name.empty() ? data : data_name; }

  template <class Fields> static void describe(Fields& f) {
    f("target", &FitOptions::target, "Column to predict.");
    f("output", &FitOptions::output, "Folder for model, report, result, ledger and checkpoint.");
    f("limit", &FitOptions::limit,
      "What you allow, e.g. time=5min,p99=1ms; may be given more than once.");
    f("task", &FitOptions::task, "auto, classification or regression.");
    f("seed", &FitOptions::seed, "Same seed, same data, same threads: same model, bit for bit.");
    f("threads", &FitOptions::threads, "Threads [0: as many as the process may use].");
    f("precision", &FitOptions::precision,
      "Of the products in training a network: float32, or bfloat16 where the processor has it.");
    f("memory", &FitOptions::memory,
      "Most memory of the process, as --limit memory=512MB [0: any].");
    f("epochs", &FitOptions::epochs, "Most passes over the training rows [0: by the budget].");
    f("from", &FitOptions::from, "ONNX model whose network is trained further, on images.");
    f("train_last", &FitOptions::train_last,
      "Last layers of it that are trained, the others stay [0: all].");
    f("shrink", &FitOptions::shrink,
      "Shrink the model afterwards, with proof, into OUTPUT/small; a third of the limits is kept "
      "for it.");
    f("max_drop", &FitOptions::max_drop,
      "Most accuracy (or R2) that shrinking may lose, proven at 95 % [0.01%..50%].");
    f("resume", &FitOptions::resume, "Go on from the checkpoint in the output folder.");
    f("dry_run", &FitOptions::dry_run, "Read the data, say what would be done, and write nothing.");
  }
};

// What --limit and --memory allow. Errors as of parse_limits().
Result<Limits> fit_limits(const FitOptions& options);

// Live state of training, about ten times a second.
struct FitProgress {
  std::string network;
  std::int64_t epoch = 0, epochs = 0;  // finished, planned
  double done = 0;                     // share of the planned steps
  double loss = 0;
  std::optional<double> score, best_score;
  std::string score_name;
  double rows_per_second = 0;
  EnergyEstimate energy;
  std::optional<Duration> eta;
  bool epoch_finished = false;
};

// Told what happens; called from the thread that runs fit().
class FitObserver {
 public:
  virtual ~FitObserver() = default;
  virtual void stage(const std::string& name) = 0;
  // What was found, done or decided, a line each.
  virtual void tell(const std::string& line) = 0;
  // What only somebody who looks for a fault wants to know.
  virtual void detail(const std::string&) {}
  virtual void progress(const FitProgress& progress) = 0;
  // How far the data are read, as often as reading says.
  virtual void reading(const ReadProgress&) {}
};

struct FitOutcome {
  Json document;       // tenbin.fit/1
  int exit_code = 0;   // 0, 1 (not finite), 5 (a limit is not met), 130
  std::string reason;  // when not 0
};

// Reads, splits, trains, exports, proves and records. Errors are those of its parts; a run that has
// a model to show ends in an outcome, never in an error.
Result<FitOutcome> fit(const FitOptions& options, FileSystem& files, Clock& clock,
                       FitObserver& observer);

}  // namespace tenbin

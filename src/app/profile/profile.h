// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/options.h"
#include "base/result.h"
#include "data/read.h"
#include "meter/meter.h"

namespace tenbin {

class Clock;
class FileSystem;
struct MachineFacts;

struct ProfileOptions {
  std::string model;
  std::vector<std::string> batch = {"1", "8", "32"};
  std::vector<std::string> input;
  std::string data;
  std::string engine = "auto";
  std::string output;
  int threads = 1;
  Duration time = 2s;
  std::int64_t seed = 1;
  bool measure_peak = false;
  bool all = false;
  ReadOptions read;
  MeterOptions meter;

  template <class Fields> static void describe(Fields& f) {
    f("batch", &ProfileOptions::batch, "Rows of a run, several with commas [1..65536].");
    f("input", &ProfileOptions::input, "Size of an input: image=1x3x224x224; free ones are 1.");
    f("data", &ProfileOptions::data, "Rows to run instead of made-up values: any data file.");
    f("engine", &ProfileOptions::engine,
      "What runs the model: native, onnxruntime, or auto, native if it has all operators.");
    f("output", &ProfileOptions::output, "HTML report with the graph drawn.");
    f("threads", &ProfileOptions::threads,
      "Threads of a run; nodes are timed on one [0: as many as the process may use].");
    f("time", &ProfileOptions::time, "Time to measure each batch for [s, 10ms..10min].");
    f("seed", &ProfileOptions::seed, "Seed of the made-up values.");
    f("measure_peak", &ProfileOptions::measure_peak,
      "Measure the machine's peaks anew instead of taking those kept for 30 days.");
    f("all", &ProfileOptions::all, "Show every node, not the heaviest alone.");
  }
};

// Who is told what while a model is profiled; each may be empty.
struct ProfileListeners {
  std::function<void(const std::string&)> tell, detail;
};

// Profiles a model and returns the document tenbin.profile/1 (docs/formats/profile.md); writes the
// report if one was asked for. `cache`: folder for the machine's peaks; empty: not kept. `hear`
// (its members may be empty): a line for each batch that begins, and details of what was chosen. A
// batch that cannot run stands in the document with its reason; error when none can. Errors: those
// of reading the model and the data, of open_engine, bind_inputs and made_inputs; kBadValue for the
// options.
Result<Json> profile_model(const ProfileOptions& options, const std::string& cache,
                           FileSystem& files, Clock& clock, const MachineFacts& machine,
                           const ProfileListeners& hear);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/step_watch.h"
#include "graph/graph.h"
#include "plan/profile_advice.h"

namespace tenbin {

class Clock;

// Keeps the time of every step of watched runs.
class StepTimes : public StepWatch {
 public:
  explicit StepTimes(Clock& clock) : clock_(clock) {}
  void begin() override;
  void done(const StepInfo& step) override;
  void end_run();  // after each run

  struct Slot {
    std::vector<std::string> results;
    std::string kernel;
    StepKind kind = StepKind::kCompiled;
    Duration now{};              // in the run under way
    std::vector<Duration> runs;  // in each run
  };
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  Clock& clock_;
  Duration began_{};
  std::size_t runs_ = 0;
  std::map<std::pair<const void*, const void*>, std::size_t> index_;
  std::vector<Slot> slots_;
};

// Nodes that ran as one step, or conversions before them, with what they cost.
struct NodeRow {
  std::string name;
  std::vector<std::string> ops;      // what ran first, then what was folded into it
  std::vector<std::string> kernels;  // that ran it
  RanIn ran = RanIn::kCompiled;
  std::vector<Duration> runs;     // time in each run; empty: it did not run
  std::vector<std::size_t> from;  // rows whose results it reads
  std::optional<Macs> macs;       // nothing: shapes are not known
  std::int64_t parameters = 0;
  Bytes weights, activations;
  bool depthwise = false;
  PeakPrecision precision = PeakPrecision::kFloat32;
};

// Of a graph whose inputs have all sizes known: how its nodes ran, in order. Nodes that no step
// names belong to their reader. `reason` says why MACs are missing, if they are.
std::vector<NodeRow> node_rows(const Graph& graph, const std::vector<StepTimes::Slot>& slots,
                               std::string& reason);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/op.h"
#include "engine/regions.h"
#include "graph/graph.h"

namespace tenbin {

class StepWatch;

// What all routines of a session share while it runs.
struct RunState {
  PlanOptions plan;            // of compiled regions
  StepWatch* watch = nullptr;  // told each step of the outermost graph; may be null
  std::int64_t trips = 0;      // passes of bodies so far
  std::int64_t bytes = 0;      // made by bodies so far
};

// A graph made ready to run: every value has a slot, every node knows the slots it reads and
// writes, and what a subgraph captures is a list of slots of the routine around it.
// Use: bind() each input, run(), take() each output. Not thread-safe, and a run keeps its values
// until the next one.
class Routine {
 public:
  using Missing = std::map<std::string, std::string>;  // operator to the nodes that use it

  // `graph` is borrowed for the life of the routine. Operators that we lack are added to `missing`,
  // in subgraphs too. Errors kBadModel: a value that nobody wrote before it is read.
  static Result<std::unique_ptr<Routine>> compile(const Graph& graph, Missing& missing);

  const Graph& graph() const { return graph_; }
  // Names of outer values that this graph reads, each with its slot here.
  const std::map<std::string, std::size_t>& captures() const { return captures_; }

  void bind(std::size_t input, const Tensor& borrowed) { view_[input] = ValueRef(borrowed); }
  void bind(std::size_t input, Value value) { keep(input, std::move(value)); }
  // Lends the value of a capture for the next run.
  void lend(std::size_t slot, const ValueRef& value) { view_[slot] = value; }
  Status run(RunState& state);
  // Moved out where the routine owns it, else copied.
  Value take(std::size_t output);
  std::vector<std::string> kernels() const;

 private:
  struct Body {
    std::string_view attribute;
    std::unique_ptr<Routine> routine;
    struct Capture {
      std::size_t inner, outer;
    };
    std::vector<Capture> captures;
  };
  struct Step {
    const OpEntry* entry = nullptr;
    std::shared_ptr<const void> prepared;
    std::vector<std::size_t> inputs, outputs;  // kNoSlot: left out, or read by nobody
    std::vector<std::size_t> dead_after;       // slots that nobody reads later
    std::vector<Body> bodies;
  };
  class StepBodies;

  explicit Routine(const Graph& graph) : graph_(graph) {}
  Status compile_node(const OpCall& node, Missing& missing);
  Result<Body> compile_body(const OpCall& node, const std::string& attribute, const Graph& graph,
                            Missing& missing);
  std::size_t slot_of(const std::string& name);
  std::size_t new_slot(const std::string& name);
  void plan_lifetimes();
  void place_regions();
  void keep(std::size_t slot, Value value);
  Status run_step(std::size_t i, RunState& state);
  Result<std::vector<Value>> compute(std::size_t i, RunState& state);
  Result<bool> run_region(std::size_t i, RunState& state);
  void release(std::size_t i);

  const Graph& graph_;
  std::map<std::string, std::size_t> slots_;  // by name; used while compiling
  std::map<std::string, std::size_t> captures_;
  std::vector<std::size_t> outputs_;  // slots of the graph's outputs
  std::vector<Step> steps_;
  std::vector<Region> regions_;
  struct RegionSlots {
    std::vector<std::size_t> inputs, outputs;
  };
  std::vector<RegionSlots> region_slots_;
  std::vector<std::size_t> region_at_;  // of each step; kNoSlot: none begins there
  std::vector<ValueRef> view_;          // by slot
  std::vector<Value> own_;              // by slot
  std::vector<const Tensor*> tensors_;  // operands of the step that runs
  std::vector<ValueRef> values_;
};

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/inference_plan.h"
#include "engine/prelude.h"
#include "graph/graph.h"

namespace tenbin {

// A run of nodes [begin, end) of a graph that becomes compiled plans, one a batch size: values of
// floats [batch, ...] in and out.
class Region {
 public:
  Region(const Graph& graph, std::size_t begin, std::size_t end, std::vector<std::string> inputs,
         std::vector<std::string> outputs);
  // Prepares one of the inputs itself, by nodes that end where the region begins.
  void prepare(std::size_t input, Prelude prelude);

  std::size_t begin() const { return prelude_ ? prelude_->begin() : begin_; }
  std::size_t end() const { return end_; }
  // Values that it reads, before they are prepared.
  const std::vector<std::string>& inputs() const { return input_names_; }
  const std::vector<std::string>& outputs() const { return output_names_; }
  // The results for `in`, one an output; empty when it has to go op by op. `watch` may be
  // null. A session asks with the same `options` every time.
  Result<std::vector<Tensor>> run(std::span<const Tensor* const> in, const PlanOptions& options,
                                  StepWatch* watch);
  // Kernels of the plan used last.
  std::vector<std::string> kernels() const;

 private:
  Result<std::vector<Tensor>> run_ready(std::span<const Tensor* const> in,
                                        const PlanOptions& options, StepWatch* watch);
  Result<InferencePlan*> plan_for(std::span<const Tensor* const> in, std::int64_t batch,
                                  const PlanOptions& options);

  std::size_t begin_, end_;
  std::vector<std::string> input_names_, output_names_;
  std::optional<Prelude> prelude_;
  std::size_t prepared_ = 0;  // the input that it prepares
  std::vector<const Tensor*> ready_;
  Graph graph_;
  bool refused_ = false;                             // compiling failed once: op by op for good
  std::list<std::unique_ptr<InferencePlan>> plans_;  // most recently used first
};

// Moves each call of constants alone to its first reader, so that it does not part what belongs
// together. `graph` is in topological order, and stays so.
void sink_constant_calls(Graph& graph);

// From each product of matrices, convolution or step onto a grid on, as far as a plan reaches.
std::vector<Region> find_regions(const Graph& graph);

}  // namespace tenbin

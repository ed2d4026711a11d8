// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/inference_plan.h"
#include "graph/graph.h"

namespace tenbin {

// A run of nodes [begin, end) of a graph that becomes compiled plans, one a batch size: one float
// value in, one out.
class Region {
 public:
  Region(const Graph& graph, std::size_t begin, std::size_t end, std::string input,
         std::string output);

  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }
  const std::string& input() const { return input_; }
  const std::string& output() const { return output_; }
  // The result for `in`; an undefined tensor when it has to go op by op. `team` may be null.
  Result<Tensor> run(const Tensor& in, int threads, Team* team);
  // Kernels of the plan used last.
  std::vector<std::string> kernels() const;

 private:
  Result<InferencePlan*> plan_for(const Shape& shape, std::int64_t batch, int threads, Team* team);

  std::size_t begin_, end_;
  std::string input_, output_;
  Graph graph_;
  bool refused_ = false;                             // compiling failed once: op by op for good
  std::list<std::unique_ptr<InferencePlan>> plans_;  // most recently used first
};

// From each product of matrices or convolution on, as far as a plan reaches.
std::vector<Region> find_regions(const Graph& graph);

}  // namespace tenbin

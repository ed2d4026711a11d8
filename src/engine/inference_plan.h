// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "engine/precision.h"
#include "graph/graph.h"

namespace tenbin {

class StepWatch;
class Team;

struct PlanOptions {
  int threads = 1;
  Team* team = nullptr;  // borrowed, may be null: lends the threads of a large batch
  Precision precision = Precision::kFloat32;  // kBfloat16 where has_native_bfloat16() alone
};

// A graph of floats whose inputs and outputs are [batch, ...], compiled for one batch size: weights
// packed once, activations in one arena. Not thread-safe.
class InferencePlan {
 public:
  // Whether the plan has a kernel for this operator at all (attributes may still be refused).
  static bool supports(const OpCall& call);
  // Shapes of `graph` must be inferable from its inputs; their leading -1 becomes `batch`. A small
  // batch runs on the caller's thread.
  static Result<std::unique_ptr<InferencePlan>> compile(const Graph& graph, std::int64_t batch,
                                                        const PlanOptions& options);
  static Result<std::unique_ptr<InferencePlan>> compile(const Graph& graph, std::int64_t batch,
                                                        int threads, Team* team = nullptr) {
    return compile(graph, batch, PlanOptions{threads, team, Precision::kFloat32});
  }
  virtual ~InferencePlan() = default;
  virtual std::int64_t batch() const = 0;
  virtual const std::vector<Shape>& input_shapes() const = 0;  // [batch, ...], as the graph's
  virtual const std::vector<Shape>& output_shapes() const = 0;
  const Shape& input_shape() const { return input_shapes().front(); }
  const Shape& output_shape() const { return output_shapes().front(); }
  // Row-major floats in and out, one span an input and output; all inputs may hold fewer rows than
  // the batch (the rest is zero). `watch` (may be null) is told each step; then all runs on this
  // thread, one tile of a large batch after another.
  virtual void run(std::span<const std::span<const float>> inputs,
                   std::span<const std::span<float>> outputs, StepWatch* watch = nullptr) = 0;
  void run(std::span<const float> input, std::span<float> output, StepWatch* watch = nullptr) {
    run(std::span(&input, 1), std::span(&output, 1), watch);
  }
  virtual Bytes planned_bytes() const = 0;
  virtual const std::vector<std::string>& kernels() const = 0;
};

}  // namespace tenbin

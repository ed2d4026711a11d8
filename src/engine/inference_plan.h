// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "graph/graph.h"

namespace tenbin {

class Team;

// A float graph with one input and one output, compiled for one batch size: weights packed once,
// activations in one arena. Not thread-safe.
class InferencePlan {
 public:
  // Whether the plan has a kernel for this operator at all (attributes may still be refused).
  static bool supports(const OpCall& call);
  // Shapes of `graph` must be inferable from its input; the leading -1 becomes `batch`. `team`
  // (borrowed, may be null) lends the threads of a large batch; a small one runs on the caller's.
  static Result<std::unique_ptr<InferencePlan>> compile(const Graph& graph, std::int64_t batch,
                                                        int threads, Team* team = nullptr);
  virtual ~InferencePlan() = default;
  virtual std::int64_t batch() const = 0;
  virtual const Shape& input_shape() const = 0;  // [batch, ...]
  virtual const Shape& output_shape() const = 0;
  // Row-major floats in and out; `input` may hold fewer rows than the batch (the rest is zero).
  virtual void run(std::span<const float> input, std::span<float> output) = 0;
  virtual Bytes planned_bytes() const = 0;
  virtual const std::vector<std::string>& kernels() const = 0;
};

}  // namespace tenbin

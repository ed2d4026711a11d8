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
#include "tensor/tensor.h"

namespace tenbin {

class StepWatch;

struct SessionOptions {
  int threads = 1;
  Precision precision = Precision::kFloat32;
  template <class Fields> static void describe(Fields& f) {
    f("threads", &SessionOptions::threads, "Threads of one run [1..usable CPUs].");
    f("precision", &SessionOptions::precision,
      "Numbers of compiled regions: float32, or bfloat16 where the processor multiplies it.");
  }
};

// Runs any supported graph forwards. Float regions run as compiled plans (one per batch size,
// kept), the rest op by op. Not thread-safe: one session per thread; weights are shared between
// clones.
class Session {
 public:
  // Error kUnsupportedOp lists every operator we lack, with its nodes, or says that the processor
  // has no bfloat16 arithmetic.
  static Result<std::unique_ptr<Session>> create(const Model& model, const SessionOptions& options);
  virtual ~Session() = default;
  virtual const std::vector<ValueInfo>& inputs() const = 0;
  virtual const std::vector<ValueInfo>& outputs() const = 0;
  // Inputs in the order of inputs(). Errors: kInputMismatch with name, found and expected;
  // kUnsupportedOp: an output that is no tensor.
  virtual Result<std::vector<Tensor>> run(std::span<const Tensor> inputs) = 0;
  // The same where sequences and optionals go in or come out. An engine that has tensors alone
  // refuses others with kUnsupportedOp.
  virtual Result<std::vector<Value>> run_values(std::vector<Value> inputs);
  // The same, telling each step; compiled steps run on this thread alone. Error kMissingCapability:
  // this engine does not tell its steps.
  virtual Result<std::vector<Tensor>> run(std::span<const Tensor> inputs, StepWatch& watch);
  // Names of the kernels chosen for the last batch size, for reports ("jit:avx512_core").
  virtual std::vector<std::string> kernels() const = 0;
};

}  // namespace tenbin

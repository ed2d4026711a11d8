// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tensor/op_call.h"
#include "tensor/tensor.h"

namespace tenbin {

struct Graph;

// Inputs of a call in order; null for an optional input left out.
using OpInputs = std::span<const Tensor* const>;
// The same where sequences and optionals may come too.
using OpValues = std::span<const ValueRef>;

// The subgraphs of one call, by attribute ("then_branch", "body"); what they read from outside is
// looked up by whoever runs the call.
class Bodies {
 public:
  virtual ~Bodies() = default;
  // The body of an attribute. Error kBadModel: the call has none there.
  virtual Result<const Graph*> graph(std::string_view attribute) const = 0;
  // One pass through a body. Errors: its own, and kTooLarge after limits::kLoopTrips passes or
  // limits::kLoopBytes of results in one run of the session.
  virtual Result<std::vector<Value>> run(std::string_view attribute, std::vector<Value> inputs) = 0;
};

// A case every op brings along: the conformance test runs shape inference, the fast path and the
// numerical gradient on it, and ONNX Runtime where it is installed.
struct OpProbe {
  std::string_view why;        // what this case is for
  OpCall call;                 // inputs and outputs named i0, i1 ... o0, o1 ...
  std::vector<Tensor> inputs;  // concrete values; undefined tensor = input left out
  std::vector<bool> constant;  // which inputs are initialisers; empty: none
  bool differentiable = true;  // check the gradient of o0 by central differences
};

// The file of one operator (or a family that shares its code) in engine/ops/.
struct OpEntry {
  std::string_view domain;            // "" or "ai.onnx.ml"
  std::vector<std::string_view> ops;  // {"Add", "Sub", "Mul", "Div"}
  std::string_view doc;               // one line
  // The plain reference: straightforward loops, every element type the op admits in practice.
  // Also the execution path of ops that engine/dnn/ has no lowering for. Returns the outputs in
  // order. `prepared` is what prepare() made of the call, or null.
  Result<std::vector<Tensor>> (*compute)(const OpCall& call, OpInputs inputs,
                                         const void* prepared) = nullptr;
  // Reads attributes once (vocabularies, trees), so that compute() need not; null: nothing to do.
  Result<std::shared_ptr<const void>> (*prepare)(const OpCall& call) = nullptr;
  std::vector<OpProbe> (*probes)() = nullptr;
  // In place of compute(), or beside it for what is not tensors alone: sequences, optionals,
  // bodies.
  Result<std::vector<Value>> (*compute_values)(const OpCall& call, OpValues inputs,
                                               Bodies& bodies) = nullptr;
};

// All ops of engine/ops/ (written by the build).
std::span<const OpEntry* const> op_catalogue();
// The entry for an operator, or null.
const OpEntry* find_op(std::string_view domain, std::string_view op);

}  // namespace tenbin

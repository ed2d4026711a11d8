// SPDX-License-Identifier: Apache-2.0
#include "graph/schema.h"

namespace tenbin {
namespace {

// Inputs: rate, step, parameters, gradients, states; outputs: new parameters, new states. Each is
// like its parameter.
Status infer_step(InferCall& call) {
  const std::size_t kinds = call.call.op == "Adam" ? 4 : 3;
  const std::size_t count = call.inputs.size() < 2 ? 0 : (call.inputs.size() - 2) / kinds;
  for (std::size_t i = 0; count > 0 && i < call.outputs.size(); ++i) {
    const std::size_t from = 2 + i % count;
    const Shape* shape = call.shape(from);
    call.set(i, call.type(from), shape == nullptr ? std::nullopt : std::optional<Shape>(*shape));
  }
  return {};
}

}  // namespace

const SchemaFamily& schema_optimizer_step();
const SchemaFamily& schema_optimizer_step() {
  static const SchemaFamily family{"optimizer step",
                                   {{"ai.onnx.preview.training",
                                     {"Adagrad", "Adam", "Momentum"},
                                     "One step of an optimiser.",
                                     infer_step,
                                     nullptr,
                                     {},
                                     {}}}};
  return family;
}

}  // namespace tenbin

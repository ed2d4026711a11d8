// SPDX-License-Identifier: Apache-2.0
// Calls of every operator that has a probe, with odd attributes and operands: shape inference gives
// shapes within the limits or an error, also when the batch is free, and never another answer the
// second time.
#include <cstddef>
#include <cstdint>

#include "base/limits.h"
#include "graph/counts.h"
#include "tests/fuzz/probe_fuzz.h"

namespace {

void expect_bounded(const tenbin::Graph& graph) {
  for (const auto& [name, info] : graph.values) {
    if (info.shape.size() > tenbin::limits::kTensorRank) __builtin_trap();
    for (const std::int64_t size : info.shape) {
      if (size < -1 || size > tenbin::limits::kTensorElements) __builtin_trap();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tenbin::Choices choices(data, size);
  std::vector<tenbin::Tensor> inputs;
  tenbin::Model model = tenbin::odd_model(choices, inputs);
  tenbin::stamp_opsets(model.graph, model.opsets);
  tenbin::Graph graph = model.graph;
  if (tenbin::infer_shapes(graph).ok()) {
    expect_bounded(graph);
    (void)tenbin::count(graph).ok();
    tenbin::Graph again = graph;
    if (!tenbin::infer_shapes(again).ok()) __builtin_trap();
  }
  for (tenbin::ValueInfo& input : model.graph.inputs) {
    if (!input.shape.empty()) input.shape[0] = -1;
  }
  if (tenbin::infer_shapes(model.graph).ok()) expect_bounded(model.graph);
  return 0;
}

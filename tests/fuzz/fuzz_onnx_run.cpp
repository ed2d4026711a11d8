// SPDX-License-Identifier: Apache-2.0
// Calls of every operator that has a probe, with odd attributes and operands, written as a model,
// read, compiled and run: results or an error, and results agree with what inference says.
// The first byte chooses: even bytes are such a model, odd ones are followed by a model file.
#include <cstddef>
#include <cstdint>

#include "base/limits.h"
#include "engine/session.h"
#include "graph/onnx.h"
#include "tests/fuzz/probe_fuzz.h"

namespace {

constexpr std::int64_t kMostElements = 4'096;

// Inputs as a model file declares them; free sizes are 2. False: not tensors, or too large.
bool inputs_of(const tenbin::Graph& graph, std::vector<tenbin::Tensor>& inputs) {
  for (const tenbin::ValueInfo& info : graph.inputs) {
    if (info.kind != tenbin::ValueKind::kTensor) return false;
    if (info.type == tenbin::ElementType::kUndefined) return false;
    tenbin::Shape shape = info.shape;
    for (std::int64_t& size : shape) size = size < 0 ? 2 : size;
    const auto count = tenbin::element_count(shape);
    if (!count.ok() || *count > kMostElements) return false;
    inputs.emplace_back(info.type, shape);
  }
  return true;
}

void run_model(const tenbin::Model& model, const std::vector<tenbin::Tensor>& inputs) {
  auto session = tenbin::Session::create(model, {});
  if (!session.ok()) return;
  const auto outputs = (*session)->run(inputs);
  if (!outputs.ok()) return;
  tenbin::Graph graph = model.graph;
  if (!tenbin::infer_shapes(graph).ok()) return;
  for (std::size_t i = 0; i < outputs->size(); ++i) {
    const tenbin::ValueInfo& said = graph.outputs[i];
    const tenbin::Tensor& made = (*outputs)[i];
    if (said.type != tenbin::ElementType::kUndefined && said.type != made.type()) __builtin_trap();
    if (!said.has_shape) continue;
    if (said.shape.size() != made.shape().size()) __builtin_trap();
    for (std::size_t d = 0; d < said.shape.size(); ++d) {
      if (said.shape[d] >= 0 && said.shape[d] != made.shape()[d]) __builtin_trap();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::vector<tenbin::Tensor> inputs;
  if (data[0] % 2 == 1) {
    const auto model = tenbin::parse_onnx(std::as_bytes(std::span(data + 1, size - 1)));
    if (model.ok() && inputs_of(model->graph, inputs)) run_model(*model, inputs);
    return 0;
  }
  tenbin::Choices choices(data + 1, size - 1);
  const tenbin::Model model = tenbin::odd_model(choices, inputs);
  const auto written = tenbin::write_onnx(model);
  if (!written.ok()) __builtin_trap();
  const auto read = tenbin::parse_onnx(std::as_bytes(std::span(written->data(), written->size())));
  if (!read.ok()) return 0;  // an opset or a size that the reader refuses
  run_model(*read, inputs);
  return 0;
}

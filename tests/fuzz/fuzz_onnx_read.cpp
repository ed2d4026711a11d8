// SPDX-License-Identifier: Apache-2.0
// Any bytes are a model or an error; what is a model survives inference, writing and counting.
#include <cstddef>
#include <cstdint>
#include <span>

#include "graph/counts.h"
#include "graph/onnx.h"
#include "graph/rewrites/rewrites.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto model = tenbin::parse_onnx(std::as_bytes(std::span(data, size)));
  if (!model.ok()) return 0;
  tenbin::Graph& graph = model->graph;
  if (tenbin::infer_shapes(graph).ok()) (void)tenbin::count(graph).ok();
  (void)tenbin::fold_batch_norm(graph).ok();
  (void)tenbin::remove_identities(graph).ok();
  const auto written = tenbin::write_onnx(*model);
  if (!written.ok()) __builtin_trap();
  if (!tenbin::parse_onnx(std::as_bytes(std::span(written->data(), written->size()))).ok()) {
    __builtin_trap();
  }
  return 0;
}

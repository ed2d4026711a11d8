// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <vector>

#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

bool is_zero(const Tensor& tensor) {
  const auto bytes = tensor.bytes();
  return tensor.type() != ElementType::kString &&
         std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

bool is_recurrent(const OpCall& call) {
  return call.domain.empty() && (call.op == "LSTM" || call.op == "GRU" || call.op == "RNN");
}

// Values that are zero whatever the size of the batch.
std::set<std::string> zero_values(const Graph& graph) {
  std::set<std::string> zeros;
  for (const auto& [name, tensor] : graph.initializers) {
    if (is_zero(tensor)) zeros.insert(name);
  }
  for (const OpCall& call : graph.nodes) {
    if (!call.domain.empty() || call.inputs.empty() || call.outputs.size() != 1) continue;
    const Tensor* const value = call.tensor("value");
    const bool made = call.op == "ConstantOfShape" && (value == nullptr || is_zero(*value));
    const bool spread = call.op == "Expand" && zeros.contains(call.inputs[0]);
    if (made || spread) zeros.insert(call.outputs[0]);
  }
  return zeros;
}

// Calls that nobody reads go, last ones first.
void remove_unread(Graph& graph) {
  std::set<std::string> read;
  for (const ValueInfo& output : graph.outputs) read.insert(output.name);
  std::vector<OpCall> kept;
  for (auto call = graph.nodes.rbegin(); call != graph.nodes.rend(); ++call) {
    const bool wanted = std::ranges::any_of(
        call->outputs, [&](const std::string& name) { return read.contains(name); });
    if (!wanted) continue;
    const auto reads = reads_of(*call);
    read.insert(reads.begin(), reads.end());
    kept.push_back(std::move(*call));
  }
  std::ranges::reverse(kept);
  graph.nodes = std::move(kept);
}

}  // namespace

int drop_zero_states(Graph& graph) {
  if (std::ranges::none_of(graph.nodes, is_recurrent)) return 0;
  const std::set<std::string> zeros = zero_values(graph);
  int dropped = 0;
  for (OpCall& call : graph.nodes) {
    if (!is_recurrent(call)) continue;
    const std::size_t end = std::min<std::size_t>(call.inputs.size(), call.op == "LSTM" ? 7 : 6);
    for (std::size_t i = 5; i < end; ++i) {
      if (!zeros.contains(call.inputs[i])) continue;
      call.inputs[i].clear();
      ++dropped;
    }
  }
  if (dropped > 0) remove_unread(graph);
  return dropped;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/fold_constants.h"

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "engine/op.h"
#include "graph/schema.h"

namespace tenbin {
namespace {

// A plan reads the grid of integers from these calls.
bool is_grid(const OpCall& call) {
  return call.op == "QuantizeLinear" || call.op == "DequantizeLinear";
}

bool is_random(const OpCall& call) {
  return call.op.starts_with("Random") || call.op == "Bernoulli" || call.op == "Multinomial" ||
         call.op == "Dropout";
}

bool holds_subgraph(const OpCall& call) {
  return std::any_of(call.attributes.begin(), call.attributes.end(), [](const auto& attribute) {
    return std::holds_alternative<std::shared_ptr<const Subgraph>>(attribute.second);
  });
}

std::int64_t bytes_of(ElementType type, const Shape& shape) {
  const auto count = element_count(shape);
  const auto size = std::max<std::int64_t>(1, static_cast<std::int64_t>(element_size(type)));
  return count.ok() ? *count * size : limits::kFoldedBytes + 1;
}

// Whether the results are known to be small; what nobody can tell is run, within the limits that
// every operator keeps.
bool stays_small(const OpCall& call, const std::vector<const Tensor*>& operands) {
  std::vector<ValueInfo> infos(operands.size());
  const auto results = infer_call(call, infos, operands);
  if (!results.ok()) return true;
  return std::all_of(results->begin(), results->end(), [](const ValueInfo& info) {
    return !info.has_shape || !is_static(info.shape) ||
           bytes_of(info.type, info.shape) <= limits::kFoldedBytes;
  });
}

// The results of a call on constants, or nothing.
std::optional<std::vector<Tensor>> folded(const OpCall& call, const Graph& graph) {
  const OpEntry* entry = find_op(call.domain, call.op);
  if (entry == nullptr || entry->compute == nullptr || is_random(call) || is_grid(call) ||
      holds_subgraph(call)) {
    return std::nullopt;
  }
  std::vector<const Tensor*> operands;
  for (const std::string& input : call.inputs) {
    const auto found = graph.initializers.find(input);
    if (!input.empty() && found == graph.initializers.end()) return std::nullopt;
    operands.push_back(input.empty() ? nullptr : &found->second);
  }
  if (!stays_small(call, operands)) return std::nullopt;
  std::shared_ptr<const void> prepared;
  if (entry->prepare != nullptr) {
    auto made = entry->prepare(call);
    if (!made.ok()) return std::nullopt;
    prepared = std::move(made).value();
  }
  auto results = entry->compute(call, operands, prepared.get());
  if (!results.ok() || results->size() < call.outputs.size()) return std::nullopt;
  std::int64_t bytes = 0;
  for (const Tensor& result : *results) bytes += bytes_of(result.type(), result.shape());
  if (bytes > limits::kFoldedBytes) return std::nullopt;
  return std::move(results).value();
}

void collect_reads(const Graph& graph, std::set<std::string>& reads) {
  for (const OpCall& call : graph.nodes) {
    reads.insert(call.inputs.begin(), call.inputs.end());
    for (const auto& [key, attribute] : call.attributes) {
      const auto* body = std::get_if<std::shared_ptr<const Subgraph>>(&attribute);
      if (body != nullptr && *body != nullptr) collect_reads((*body)->graph, reads);
    }
  }
  for (const ValueInfo& output : graph.outputs) reads.insert(output.name);
}

}  // namespace

std::size_t fold_constants(Graph& graph) {
  std::vector<OpCall> rest;
  for (OpCall& call : graph.nodes) {
    auto results = folded(call, graph);
    if (!results) {
      rest.push_back(std::move(call));
      continue;
    }
    for (std::size_t i = 0; i < call.outputs.size(); ++i) {
      if (call.outputs[i].empty()) continue;
      graph.values.erase(call.outputs[i]);
      graph.initializers[call.outputs[i]] = std::move((*results)[i]);
    }
  }
  const std::size_t gone = graph.nodes.size() - rest.size();
  graph.nodes = std::move(rest);
  if (gone == 0) return 0;
  std::set<std::string> reads;
  collect_reads(graph, reads);
  std::erase_if(graph.initializers, [&](const auto& item) { return !reads.contains(item.first); });
  return gone;
}

}  // namespace tenbin

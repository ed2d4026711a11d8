// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <vector>

#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

bool has_subgraph(const OpCall& call) {
  return std::any_of(call.attributes.begin(), call.attributes.end(), [](const auto& item) {
    return std::holds_alternative<std::shared_ptr<const Subgraph>>(item.second);
  });
}

std::set<std::string> read_names(const Graph& graph) {
  std::set<std::string> names;
  for (const OpCall& call : graph.nodes) names.insert(call.inputs.begin(), call.inputs.end());
  for (const ValueInfo& output : graph.outputs) names.insert(output.name);
  return names;
}

}  // namespace

int remove_unused_initializers(Graph& graph) {
  // A subgraph may capture any name: then nothing is known to be unused.
  if (std::any_of(graph.nodes.begin(), graph.nodes.end(), has_subgraph)) return 0;
  const std::set<std::string> read = read_names(graph);
  return static_cast<int>(std::erase_if(
      graph.initializers, [&](const auto& item) { return read.count(item.first) == 0; }));
}

Result<int> remove_identities(Graph& graph) {
  TENBIN_CHECK(check_and_sort(graph));
  if (std::any_of(graph.nodes.begin(), graph.nodes.end(), has_subgraph)) return 0;
  std::set<std::string> produced, outputs;
  for (const OpCall& call : graph.nodes) {
    produced.insert(call.outputs.begin(), call.outputs.end());
  }
  for (const ValueInfo& output : graph.outputs) outputs.insert(output.name);
  const std::set<std::string> read = read_names(graph);
  std::map<std::string, std::string> instead;  // value that goes to the one that stays
  std::vector<OpCall> kept;
  int removed = 0;
  for (OpCall& call : graph.nodes) {
    for (std::string& input : call.inputs) {
      if (const auto other = instead.find(input); other != instead.end()) input = other->second;
    }
    const bool candidate =
        call.domain.empty() && (call.op == "Identity" || call.op == "Dropout") &&
        !call.inputs.empty() && !call.outputs.empty() && call.integer("training_mode", 0) == 0 &&
        (call.outputs.size() < 2 || call.outputs[1].empty() || read.count(call.outputs[1]) == 0);
    if (!candidate) {
      kept.push_back(std::move(call));
      continue;
    }
    const std::string from = call.inputs[0], to = call.outputs[0];
    if (outputs.count(to) == 0) {
      instead[to] = from;
    } else if (produced.count(from) > 0 && outputs.count(from) == 0) {
      // The output keeps its name: its writer takes it over.
      for (OpCall& writer : kept) {
        std::replace(writer.outputs.begin(), writer.outputs.end(), from, to);
        std::replace(writer.inputs.begin(), writer.inputs.end(), from, to);
      }
      for (auto& [gone, stays] : instead) stays = stays == from ? to : stays;
      instead[from] = to;
      produced.insert(to);
    } else {
      kept.push_back(std::move(call));  // an input that is an output: the node is its writer
      continue;
    }
    graph.values.erase(outputs.count(to) == 0 ? to : from);
    ++removed;
  }
  graph.nodes = std::move(kept);
  remove_unused_initializers(graph);
  return removed;
}

}  // namespace tenbin

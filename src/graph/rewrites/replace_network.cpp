// SPDX-License-Identifier: Apache-2.0
#include "graph/rewrites/replace_network.h"

#include <algorithm>
#include <set>

#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

// The graph as network_of() looked at it, so that its names are those of `network`.
Result<Graph> as_looked_at(const Model& model) {
  Graph g = model.graph;
  stamp_opsets(g, model.opsets);
  TENBIN_CHECK(check_and_sort(g));
  TENBIN_CHECK(infer_shapes(g));
  TENBIN_CHECK(remove_identities(g));
  return g;
}

OpCall* writer_of(Graph& g, const std::string& value) {
  for (OpCall& node : g.nodes) {
    const auto& outputs = node.outputs;
    if (std::find(outputs.begin(), outputs.end(), value) != outputs.end()) return &node;
  }
  return nullptr;
}

}  // namespace

int remove_unused_nodes(Graph& graph) {
  std::set<std::string> needed;
  for (const ValueInfo& output : graph.outputs) needed.insert(output.name);
  std::vector<OpCall> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const bool wanted = std::any_of(node->outputs.begin(), node->outputs.end(),
                                    [&](const std::string& name) { return needed.contains(name); });
    if (!wanted) continue;
    for (const std::string& name : reads_of(*node)) needed.insert(name);
    kept.push_back(std::move(*node));
  }
  const auto removed = static_cast<int>(graph.nodes.size() - kept.size());
  std::reverse(kept.begin(), kept.end());
  graph.nodes = std::move(kept);
  remove_unused_initializers(graph);
  return removed;
}

Result<Model> replace_network(const Model& model, const Network& old, const Graph& network) {
  Model out = model;
  TENBIN_TRY(out.graph, as_looked_at(model));
  Graph& g = out.graph;
  OpCall* last = writer_of(g, old.last);
  if (last == nullptr) {
    return Error(ErrorCode::kBadModel, "no node writes '" + old.last + "', the network's end");
  }
  // Nobody reads what the old network says any more.
  std::replace(last->outputs.begin(), last->outputs.end(), old.last, g.fresh_name("replaced"));
  g.values = {{old.last, ValueInfo{old.last, ElementType::kFloat32, {}, false}}};  // name is taken
  TENBIN_TRY(const auto made, append(g, network, {{network.inputs.front().name, old.first}}));
  for (OpCall& node : g.nodes) {
    std::replace(node.inputs.begin(), node.inputs.end(), made.front(), old.last);
    std::replace(node.outputs.begin(), node.outputs.end(), made.front(), old.last);
  }
  g.values.clear();
  TENBIN_CHECK(check_and_sort(g));
  remove_unused_nodes(g);
  TENBIN_CHECK(infer_shapes(g));
  return out;
}

Result<Model> ends_of_network(const Model& model, const Network& network) {
  Model out = model;
  TENBIN_TRY(out.graph, as_looked_at(model));
  Graph& g = out.graph;
  g.outputs.clear();
  for (const std::string& value : {network.first, network.last}) {
    if (g.find_input(value) == nullptr) {
      const auto info = g.info(value);
      g.outputs.push_back({value, info ? info->type : ElementType::kFloat32, {}, false});
    }
  }
  remove_unused_nodes(g);
  g.values.clear();
  TENBIN_CHECK(infer_shapes(g));
  return out;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "compress/trees/tree_nodes.h"

#include "compress/trees/forest.h"
#include "engine/features.h"
#include "engine/session.h"

namespace tenbin {

Result<std::size_t> find_tree_node(const Graph& graph, const std::string& name) {
  std::vector<std::size_t> found;
  std::string names;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!is_forest(graph.nodes[i])) continue;
    if (!name.empty() && graph.nodes[i].name == name) return i;
    names += (names.empty() ? "'" : ", '") + graph.nodes[i].name + "'";
    found.push_back(i);
  }
  if (found.empty()) return Error(ErrorCode::kBadValue, "the graph has no tree ensemble");
  if (name.empty() && found.size() == 1) return found.front();
  return Error(ErrorCode::kBadValue, (name.empty() ? "several tree ensembles and no name of one"
                                                   : "no tree ensemble '" + name + "'") +
                                         ", expected one of " + names);
}

Result<Tensor> tree_features(const Graph& graph, std::span<const Tensor> inputs,
                             const std::string& name) {
  TENBIN_TRY(const std::size_t at, find_tree_node(graph, name));
  const OpCall& call = graph.nodes[at];
  std::vector<Tensor> made;
  const Tensor* features = nullptr;
  for (std::size_t i = 0; i < graph.inputs.size() && i < inputs.size(); ++i) {
    if (graph.inputs[i].name == call.inputs.at(0)) features = &inputs[i];
  }
  if (features == nullptr) {
    Model model;
    model.graph = graph;
    model.graph.nodes.resize(at);  // sorted: what the node reads stands before it
    model.graph.outputs = {
        graph.info(call.inputs.at(0))
            .value_or(ValueInfo{call.inputs.at(0), ElementType::kFloat32, {}, false})};
    TENBIN_TRY(const auto session, Session::create(model, {}));
    TENBIN_TRY(made, session->run(inputs));
    features = &made.front();
  }
  Tensor room;
  TENBIN_TRY(const FeatureRows rows, feature_rows(call, *features, room));
  return Tensor::of<float>({rows.rows, rows.columns}, rows.values);
}

Result<std::int64_t> count_tree_nodes(const Graph& graph) {
  std::int64_t count = 0;
  for (const OpCall& call : graph.nodes) {
    if (!is_forest(call)) continue;
    if (call.find("nodes_treeids") == nullptr) {
      return Error(ErrorCode::kBadModel, call.op + ": no nodes_treeids",
                   "node '" + call.name + "'");
    }
    count += static_cast<std::int64_t>(call.integers("nodes_treeids").size());
  }
  return count;
}

}  // namespace tenbin

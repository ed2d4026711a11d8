// SPDX-License-Identifier: Apache-2.0
#include "compress/insert_grids.h"

#include <algorithm>

#include "compress/grid_writer.h"

namespace tenbin {

std::vector<std::string> grid_values(const Graph& graph, const std::set<std::string>& in_floats) {
  std::vector<std::string> values;
  const auto add = [&](const std::string& value) {
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  };
  const std::vector<bool> on_integers = integer_nodes(graph, in_floats);
  for (std::size_t at = 0; at < graph.nodes.size(); ++at) {
    const OpCall& node = graph.nodes[at];
    if (!on_integers[at]) continue;
    add(node.inputs[0]);
    if (is_sum(graph, node)) add(node.inputs[1]);
    if (is_mover(node)) add(node.outputs[0]);  // where its layer is left in floats, it is
  }
  return values;
}

Result<Graph> insert_grids(const Graph& graph, const Ranges& ranges,
                           const std::set<std::string>& in_floats, const ChosenWeights& chosen) {
  return write_grids(graph, ranges, in_floats, chosen, &GridWriter::store_layer);
}

}  // namespace tenbin

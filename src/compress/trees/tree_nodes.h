// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "tensor/tensor.h"

namespace tenbin {

// Where in `graph.nodes` the tree ensemble of that name stands; with an empty name, the only one.
// Error kBadValue: none, or several and no name; lists those there are.
Result<std::size_t> find_tree_node(const Graph& graph, const std::string& name = {});

// What the tree node reads when the graph runs on `inputs` (in the order of graph.inputs, all
// rows): float [n, columns]; missing values stay NaN. Errors: those of find_tree_node and of
// Session.
Result<Tensor> tree_features(const Graph& graph, std::span<const Tensor> inputs,
                             const std::string& name = {});

// Nodes of trees, leaves too, in all tree ensembles of the graph (not of subgraphs); 0 without any.
// Error kBadModel: an ensemble without its list of nodes.
Result<std::int64_t> count_tree_nodes(const Graph& graph);

}  // namespace tenbin

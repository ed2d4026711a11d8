// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "tensor/op_call.h"
#include "tensor/tensor.h"

namespace tenbin {

// A model as a graph of operator calls: nodes in topological order, values by name, each written
// once (SSA). Initialisers are the constants and weights. A plain value: copy it, edit it.
struct Graph {
  std::string name = "tenbin";
  std::vector<ValueInfo> inputs;  // without those that are initialisers
  std::vector<ValueInfo> outputs;
  std::vector<OpCall> nodes;
  std::map<std::string, Tensor> initializers;
  // Type and shape of values that are neither inputs nor initialisers; filled by infer_shapes().
  std::map<std::string, ValueInfo> values;

  const ValueInfo* find_input(const std::string& value) const;
  // Type and shape of any value by name, if known (inputs, initialisers, values).
  std::optional<ValueInfo> info(const std::string& value) const;
  // A name that no value has yet: "base", "base_2", ...
  std::string fresh_name(const std::string& base) const;
};

struct Subgraph {
  Graph graph;
};

// A graph with what an ONNX file says around it.
struct Model {
  Graph graph;
  std::int64_t ir_version = 8;
  std::map<std::string, std::int64_t> opsets = {{"", 17}};  // by domain
  std::string producer_name = "tenbin";
  std::string producer_version;
  std::string doc;
  std::map<std::string, std::string> metadata;  // metadata_props, ordered
};

// Everything a call reads, by name: its inputs, and what its subgraphs capture from outside.
std::set<std::string> reads_of(const OpCall& call);

// Sorts nodes topologically (stable), checks that every input exists and every value is written
// once. Errors kBadModel: all unknown values, duplicate writers, cycles named node by node.
Status check_and_sort(Graph& graph);

// Appends a fragment: names of values and of nodes that clash are changed; `bind` maps fragment
// inputs to values of the graph. Returns the names of the fragment's outputs in the graph.
Result<std::vector<std::string>> append(Graph& graph, const Fragment& fragment,
                                        const std::map<std::string, std::string>& bind);
// The same with a whole graph: its initialisers become ours; its declared values are not kept.
Result<std::vector<std::string>> append(Graph& graph, const Graph& other,
                                        const std::map<std::string, std::string>& bind);

// Fills Graph::values and the shapes of outputs. Unknown operators leave their outputs unknown.
// Errors kBadShape with the node: operands that cannot be combined.
Status infer_shapes(Graph& graph);

// Writes into every call, in subgraphs too, the operator set that `opsets` imports for its domain;
// a domain that is not there is left alone.
void stamp_opsets(Graph& graph, const std::map<std::string, std::int64_t>& opsets);

// Sets every free batch dimension (the leading -1 of inputs) to `batch`; infers shapes again.
Status bind_batch(Graph& graph, std::int64_t batch);

}  // namespace tenbin

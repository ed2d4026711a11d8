// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "compress/calibrate.h"
#include "compress/weight_grid.h"
#include "graph/graph.h"

namespace tenbin {

// Moves values: what comes out lies on the grid of what went in.
bool is_mover(const OpCall& node);
// Of two activations.
bool is_sum(const Graph& graph, const OpCall& node);
// For each node whether it works on integers: layers and sums, `in_floats` apart, and what moves
// values from one of these to another.
std::vector<bool> integer_nodes(const Graph& graph, const std::set<std::string>& in_floats);

// Writes a graph again with values and weights on grids.
class GridWriter {
 public:
  GridWriter(const Graph& graph, const Ranges& ranges, const ChosenWeights& chosen)
      : out_(graph), ranges_(ranges), chosen_(chosen) {
    out_.nodes.clear();
    out_.values.clear();
  }

  // `like`: a value whose grid it shares; empty: its own, by its range.
  Status put_on_grid(const std::string& value, const std::string& like);
  // Weights and bias as integers.
  Status store_layer(OpCall& node);
  // Weights as floats that are rounded on their way; for training.
  Status round_layer(OpCall& node);
  void add(OpCall node) { out_.nodes.push_back(std::move(node)); }
  const std::string* grid_of(const std::string& value) const {
    const auto found = on_grid_.find(value);
    return found == on_grid_.end() ? nullptr : &found->second;
  }
  Graph take() && { return std::move(out_); }

 private:
  std::string constant(const std::string& base, Tensor value) {
    const std::string name = out_.fresh_name(base);
    out_.initializers[name] = std::move(value);
    return name;
  }
  std::string call(const std::string& op, std::vector<std::string> inputs, const std::string& base,
                   Attributes attributes = {}) {
    OpCall node;
    node.op = op;
    node.name = node.outputs.emplace_back(out_.fresh_name(base));
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    out_.values[node.name] = ValueInfo{node.name, ElementType::kUndefined, {}, false};  // taken
    out_.nodes.push_back(node);
    return node.outputs[0];
  }

  Graph out_;
  const Ranges& ranges_;
  const ChosenWeights& chosen_;
  std::map<std::string, std::string> on_grid_;  // value -> its DequantizeLinear
  std::map<std::string, std::pair<std::string, std::string>> grids_;  // value -> scale, zero point
  std::map<std::string, float> scales_;
};

// The whole graph, its layers rewritten by `rewrite` (GridWriter::store_layer or round_layer).
// Errors: those of insert_grids.
Result<Graph> write_grids(const Graph& graph, const Ranges& ranges,
                          const std::set<std::string>& in_floats, const ChosenWeights& chosen,
                          Status (GridWriter::*rewrite)(OpCall& node));

}  // namespace tenbin

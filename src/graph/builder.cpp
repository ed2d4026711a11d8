// SPDX-License-Identifier: Apache-2.0
#include "graph/builder.h"

namespace tenbin {

std::string GraphBuilder::fresh(const std::string& base) {
  std::string name = base;
  while (used_.count(name) > 0) name = base + "_" + std::to_string(++used_[base]);
  used_.emplace(name, 1);
  return name;
}

std::string GraphBuilder::input(const std::string& name, ElementType type, Shape shape) {
  graph_.inputs.push_back({fresh(name), type, std::move(shape), true});
  return graph_.inputs.back().name;
}

std::string GraphBuilder::constant(const std::string& name, Tensor value) {
  std::string own = fresh(name);
  graph_.initializers.emplace(own, std::move(value));
  return own;
}

std::string GraphBuilder::node(const std::string& op, std::vector<std::string> inputs,
                               Attributes attributes, const std::string& domain) {
  return nodes(op, std::move(inputs), 1, std::move(attributes), domain).front();
}

std::vector<std::string> GraphBuilder::nodes(const std::string& op, std::vector<std::string> inputs,
                                             std::size_t outputs, Attributes attributes,
                                             const std::string& domain) {
  OpCall call;
  call.op = op;
  call.domain = domain;
  call.inputs = std::move(inputs);
  call.attributes = std::move(attributes);
  for (std::size_t i = 0; i < outputs; ++i) call.outputs.push_back(fresh(op));
  call.name = call.outputs.empty() ? op : call.outputs.front();
  graph_.nodes.push_back(std::move(call));
  return graph_.nodes.back().outputs;
}

void GraphBuilder::output(const std::string& value, const std::string& name) {
  graph_.outputs.push_back({name.empty() ? value : name, ElementType::kUndefined, {}, false});
  if (name.empty() || name == value) return;
  used_.emplace(name, 1);
  for (OpCall& call : graph_.nodes) {
    for (std::string& input : call.inputs) input = input == value ? name : input;
    for (std::string& written : call.outputs) written = written == value ? name : written;
  }
}

Result<Graph> GraphBuilder::build() && {
  TENBIN_CHECK(check_and_sort(graph_));
  TENBIN_CHECK(infer_shapes(graph_));
  return std::move(graph_);
}

}  // namespace tenbin

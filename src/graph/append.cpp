// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <utility>

#include "graph/graph.h"

namespace tenbin {
namespace {

// Gives the names of a fragment new ones in a graph. Asking Graph::fresh_name each time would
// walk the graph for every value.
class Renamer {
 public:
  explicit Renamer(const Graph& graph) {
    for (const ValueInfo& input : graph.inputs) taken_.insert(input.name);
    for (const auto& [name, tensor] : graph.initializers) taken_.insert(name);
    for (const auto& [name, info] : graph.values) taken_.insert(name);
    for (const OpCall& call : graph.nodes) {
      taken_.insert(call.outputs.begin(), call.outputs.end());
      nodes_.insert(call.name);
    }
  }

  void bind(const std::string& from, const std::string& to) { names_[from] = to; }
  // A new name for a value that the fragment defines.
  std::string define(const std::string& name) {
    if (name.empty()) return name;
    return names_[name] = fresh_in(taken_, name);
  }
  // A node's name that no other node has: ONNX Runtime refuses a second one.
  std::string define_node(const std::string& name) {
    return name.empty() ? name : fresh_in(nodes_, name);
  }
  const std::string* find(const std::string& name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &found->second;
  }

 private:
  static std::string fresh_in(std::set<std::string>& taken, const std::string& name) {
    std::string fresh = name;
    for (std::size_t i = 2; !taken.insert(fresh).second; ++i) {
      fresh = name + "_" + std::to_string(i);
    }
    return fresh;
  }

  std::set<std::string> taken_, nodes_;
  std::map<std::string, std::string> names_;
};

}  // namespace

Result<std::vector<std::string>> append(Graph& graph, const Fragment& fragment,
                                        const std::map<std::string, std::string>& bind) {
  Renamer renamer(graph);
  for (const ValueInfo& input : fragment.inputs) {
    const auto target = bind.find(input.name);
    if (target == bind.end()) {
      return Error(ErrorCode::kBadModel, "input '" + input.name + "' of a fragment is not bound");
    }
    renamer.bind(input.name, target->second);
  }
  std::vector<std::pair<std::string, const Tensor*>> constants;
  for (const auto& [name, tensor] : fragment.constants) {
    constants.emplace_back(renamer.define(name), &tensor);
  }
  std::vector<OpCall> calls;
  for (const OpCall& call : fragment.calls) {
    for (const auto& [key, attribute] : call.attributes) {
      if (std::holds_alternative<std::shared_ptr<const Subgraph>>(attribute)) {
        return Error(ErrorCode::kBadModel, "subgraph in a fragment, expected plain operators",
                     "node '" + call.op + "'");
      }
    }
    OpCall copy = call;
    for (std::string& input : copy.inputs) {
      if (input.empty()) continue;
      const std::string* target = renamer.find(input);
      if (target == nullptr) {
        return Error(ErrorCode::kBadModel, "value '" + input + "' of a fragment does not exist",
                     "node '" + call.op + "'");
      }
      input = *target;
    }
    for (std::string& output : copy.outputs) output = renamer.define(output);
    copy.name = renamer.define_node(copy.name);
    calls.push_back(std::move(copy));
  }
  std::vector<std::string> outputs;
  for (const std::string& output : fragment.outputs) {
    const std::string* target = renamer.find(output);
    if (target == nullptr) {
      return Error(ErrorCode::kBadModel, "output '" + output + "' of a fragment does not exist");
    }
    outputs.push_back(*target);
  }
  // Nothing can fail from here on.
  for (const auto& [name, tensor] : constants) graph.initializers.emplace(name, *tensor);
  for (OpCall& call : calls) graph.nodes.push_back(std::move(call));
  return outputs;
}

Result<std::vector<std::string>> append(Graph& graph, const Graph& other,
                                        const std::map<std::string, std::string>& bind) {
  Fragment fragment;
  fragment.inputs = other.inputs;
  fragment.calls = other.nodes;
  fragment.constants = other.initializers;
  for (const ValueInfo& output : other.outputs) fragment.outputs.push_back(output.name);
  return append(graph, fragment, bind);
}

}  // namespace tenbin

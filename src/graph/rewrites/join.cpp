// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>

#include "graph/rewrites/rewrites.h"

namespace tenbin {

Graph to_graph(const Fragment& fragment) {
  Graph graph;
  graph.inputs = fragment.inputs;
  graph.nodes = fragment.calls;
  graph.initializers = fragment.constants;
  for (const std::string& output : fragment.outputs) {
    graph.outputs.push_back({output, ElementType::kUndefined, {}, false});
  }
  return graph;
}

void rename_value(Graph& graph, const std::string& from, const std::string& to) {
  assert(graph.fresh_name(to) == to);
  for (ValueInfo& input : graph.inputs) input.name = input.name == from ? to : input.name;
  for (ValueInfo& output : graph.outputs) output.name = output.name == from ? to : output.name;
  for (OpCall& call : graph.nodes) {
    std::replace(call.inputs.begin(), call.inputs.end(), from, to);
    std::replace(call.outputs.begin(), call.outputs.end(), from, to);
  }
  if (auto known = graph.values.extract(from); !known.empty()) {
    known.key() = to;
    known.mapped().name = to;
    graph.values.insert(std::move(known));
  }
  if (auto tensor = graph.initializers.extract(from); !tensor.empty()) {
    tensor.key() = to;
    graph.initializers.insert(std::move(tensor));
  }
}

Result<Graph> join(const Graph& first, const Graph& second,
                   const std::map<std::string, std::string>& bind,
                   const std::vector<std::string>& keep) {
  Graph out = first;
  std::map<std::string, std::string> all = bind;
  for (const auto& [input, source] : bind) {
    if (second.find_input(input) == nullptr) {
      return Error(ErrorCode::kBadModel, "'" + input + "' is no input of the second graph");
    }
  }
  for (const ValueInfo& input : second.inputs) {
    if (all.count(input.name) > 0) continue;
    if (first.find_input(input.name) == nullptr) {
      if (out.fresh_name(input.name) != input.name) {
        return Error(ErrorCode::kBadModel,
                     "input '" + input.name + "' of the second graph is a value of the first");
      }
      out.inputs.push_back(input);
    }
    all[input.name] = input.name;
  }
  out.outputs.clear();
  out.values.clear();
  TENBIN_TRY(const std::vector<std::string> made, append(out, second, all));
  for (std::size_t i = 0; i < made.size(); ++i) {
    out.outputs.push_back(second.outputs[i]);
    out.outputs.back().name = made[i];
  }
  // Outputs of the second keep their names; a value of the first that holds one steps aside.
  for (std::size_t i = 0; i < made.size(); ++i) {
    const std::string wanted = second.outputs[i].name;
    if (made[i] == wanted) continue;
    if (out.fresh_name(wanted) != wanted) {
      if (out.find_input(wanted) != nullptr ||
          std::find(keep.begin(), keep.end(), wanted) != keep.end()) {
        return Error(ErrorCode::kBadModel, "two values want the name '" + wanted + "'");
      }
      rename_value(out, wanted, out.fresh_name(wanted + "_inner"));
    }
    rename_value(out, made[i], wanted);
  }
  for (const std::string& name : keep) {
    const auto known = std::find_if(first.outputs.begin(), first.outputs.end(),
                                    [&](const ValueInfo& info) { return info.name == name; });
    if (known == first.outputs.end()) {
      return Error(ErrorCode::kBadModel, "'" + name + "' is no output of the first graph");
    }
    out.outputs.push_back(*known);
  }
  TENBIN_CHECK(check_and_sort(out));
  TENBIN_CHECK(infer_shapes(out));
  return out;
}

}  // namespace tenbin

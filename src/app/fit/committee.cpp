// SPDX-License-Identifier: Apache-2.0
#include "app/fit/committee.h"

#include <algorithm>

#include "engine/trees/mean_trees.h"

namespace tenbin {
namespace {

bool is_trees(const Graph& graph) { return graph.nodes.back().op.starts_with("TreeEnsemble"); }

// Whether the weights of graphs like it may be averaged: one product and one sum.
bool is_linear(const Graph& graph) {
  return graph.nodes.size() == 1 && graph.nodes[0].op == "Gemm";
}

Result<Graph> mean_trees(const std::vector<Graph>& graphs) {
  std::vector<OpCall> calls;
  calls.reserve(graphs.size());
  for (const Graph& graph : graphs) calls.push_back(graph.nodes.back());
  Graph out = graphs.front();
  TENBIN_TRY(out.nodes.back(), mean_of_trees(calls));
  return out;
}

Graph mean_linear(const std::vector<Graph>& graphs) {
  Graph out = graphs.front();
  const float share = 1.0F / static_cast<float>(graphs.size());
  for (auto& [name, mean] : out.initializers) {
    auto into = mean.data<float>();
    for (std::size_t i = 0; i < into.size(); ++i) {
      double sum = 0;
      for (const Graph& graph : graphs) {
        sum += static_cast<double>(graph.initializers.at(name).data<float>()[i]);
      }
      into[i] = static_cast<float>(sum) * share;
    }
  }
  return out;
}

std::string add_node(Graph& graph, const std::string& op, std::vector<std::string> inputs,
                     const std::string& base, Attributes attributes = {}) {
  OpCall call;
  call.op = op;
  call.inputs = std::move(inputs);
  call.outputs = {graph.fresh_name(base)};
  call.name = call.outputs[0] + "." + op;
  call.attributes = std::move(attributes);
  graph.nodes.push_back(call);
  return call.outputs[0];
}

std::string add_mean(Graph& graph, const std::vector<std::string>& values,
                     const std::string& base) {
  if (values.size() == 1) return values[0];
  std::string sum = values[0];
  const std::string sum_base = base + "_sum";
  for (std::size_t i = 1; i < values.size(); ++i) {
    sum = add_node(graph, "Add", {sum, values[i]}, sum_base);
  }
  const std::string share = graph.fresh_name(base + "_share");
  graph.initializers[share] = Tensor::scalar(1.0F / static_cast<float>(values.size()));
  return add_node(graph, "Mul", {sum, share}, base);
}

// Appends one member and gives the name of its probabilities or values.
Result<std::string> add_member(Graph& into, const CommitteeMember& member, bool classify) {
  if (member.graphs.empty()) return Error(ErrorCode::kBug, "committee member without graphs");
  const bool trees = is_trees(member.graphs.front());
  std::vector<Graph> merged = member.graphs;
  if (trees) {
    TENBIN_TRY(Graph one, mean_trees(member.graphs));
    merged = {std::move(one)};
  } else if (is_linear(member.graphs.front())) {
    merged = {mean_linear(member.graphs)};
  }
  std::vector<std::string> outputs;
  for (const Graph& graph : merged) {
    TENBIN_TRY(const auto names,
               append(into, graph, {{graph.inputs.front().name, into.inputs.front().name}}));
    outputs.push_back(names.front());
  }
  const std::string mean = add_mean(into, outputs, "member");
  if (!classify || trees) return mean;
  return add_node(into, "Softmax", {mean}, "member_probabilities", {{"axis", std::int64_t{1}}});
}

}  // namespace

Result<Graph> committee_graph(const std::vector<CommitteeMember>& members, std::int64_t width,
                              std::int64_t classes) {
  if (members.empty()) return Error(ErrorCode::kBug, "committee without members");
  Graph out;
  out.inputs = {{"features", ElementType::kFloat32, {-1, width}, true}};
  std::vector<std::string> answers;
  for (const CommitteeMember& member : members) {
    TENBIN_TRY(std::string answer, add_member(out, member, classes > 0));
    answers.push_back(std::move(answer));
  }
  const std::string mean = add_mean(out, answers, "committee");
  out.outputs = {{mean, ElementType::kFloat32, {-1, std::max<std::int64_t>(classes, 1)}, true}};
  return out;
}

}  // namespace tenbin

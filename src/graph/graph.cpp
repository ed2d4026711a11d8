// SPDX-License-Identifier: Apache-2.0
#include "graph/graph.h"

#include <algorithm>
#include <queue>

namespace tenbin {
namespace {

std::string label(const OpCall& call) {
  return call.name.empty() ? call.op : call.op + " '" + call.name + "'";
}

// Names that a graph reads but does not define: what a subgraph captures from outside.
void collect_captures(const Graph& graph, std::set<std::string>& captures) {
  std::set<std::string> own, read;
  for (const ValueInfo& input : graph.inputs) own.insert(input.name);
  for (const auto& [name, tensor] : graph.initializers) own.insert(name);
  for (const OpCall& call : graph.nodes) {
    own.insert(call.outputs.begin(), call.outputs.end());
    read.insert(call.inputs.begin(), call.inputs.end());
    for (const auto& [key, attribute] : call.attributes) {
      const auto* body = std::get_if<std::shared_ptr<const Subgraph>>(&attribute);
      if (body != nullptr && *body != nullptr) collect_captures((*body)->graph, read);
    }
  }
  for (const ValueInfo& output : graph.outputs) read.insert(output.name);
  for (const std::string& name : read) {
    if (!name.empty() && own.count(name) == 0) captures.insert(name);
  }
}

using Producers = std::map<std::string, std::size_t>;  // value to the node that writes it
constexpr std::size_t kNoNode = static_cast<std::size_t>(-1);

// Joins what is wrong, a few at a time: a broken file can break every node.
class Faults {
 public:
  void add(std::string text) {
    if (count_++ < 8) text_ += (text_.empty() ? "" : "; ") + std::move(text);
  }
  Status status() const {
    if (count_ == 0) return {};
    const std::string rest = count_ > 8 ? " (and " + std::to_string(count_ - 8) + " more)" : "";
    return Error(ErrorCode::kBadModel, text_ + rest);
  }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

Result<Producers> producers_of(const Graph& graph) {
  Producers producers;
  Faults faults;
  for (const auto& [name, tensor] : graph.initializers) producers.emplace(name, kNoNode);
  for (const ValueInfo& input : graph.inputs) {
    if (!producers.emplace(input.name, kNoNode).second) {
      faults.add("input '" + input.name + "' is defined twice");
    }
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& output : graph.nodes[i].outputs) {
      if (output.empty()) continue;
      const auto [at, fresh] = producers.emplace(output, i);
      if (fresh) continue;
      const std::string first =
          at->second == kNoNode ? "an input or initialiser" : label(graph.nodes[at->second]);
      faults.add("value '" + output + "' is written by " + first + " and by " +
                 label(graph.nodes[i]));
    }
  }
  TENBIN_CHECK(faults.status());
  return producers;
}

struct Edges {
  std::vector<std::vector<std::size_t>> readers;  // of each node's outputs
  std::vector<std::size_t> waiting;               // inputs of each node not yet written
};

Result<Edges> edges_of(const Graph& graph, const Producers& producers) {
  Edges edges{std::vector<std::vector<std::size_t>>(graph.nodes.size()),
              std::vector<std::size_t>(graph.nodes.size(), 0)};
  Faults faults;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& name : reads_of(graph.nodes[i])) {
      const auto producer = producers.find(name);
      if (producer == producers.end()) {
        faults.add("value '" + name + "' of node " + label(graph.nodes[i]) + " does not exist");
      } else if (producer->second != kNoNode) {
        edges.readers[producer->second].push_back(i);
        ++edges.waiting[i];
      }
    }
  }
  for (const ValueInfo& output : graph.outputs) {
    if (producers.count(output.name) == 0) {
      faults.add("output '" + output.name + "' is written by no node");
    }
  }
  TENBIN_CHECK(faults.status());
  return edges;
}

}  // namespace

std::set<std::string> reads_of(const OpCall& call) {
  std::set<std::string> names(call.inputs.begin(), call.inputs.end());
  for (const auto& [key, attribute] : call.attributes) {
    const auto* body = std::get_if<std::shared_ptr<const Subgraph>>(&attribute);
    if (body != nullptr && *body != nullptr) collect_captures((*body)->graph, names);
  }
  names.erase("");
  return names;
}

const ValueInfo* Graph::find_input(const std::string& value) const {
  const auto found = std::find_if(inputs.begin(), inputs.end(),
                                  [&](const ValueInfo& info) { return info.name == value; });
  return found == inputs.end() ? nullptr : &*found;
}

std::optional<ValueInfo> Graph::info(const std::string& value) const {
  if (const auto tensor = initializers.find(value); tensor != initializers.end()) {
    return ValueInfo{value, tensor->second.type(), tensor->second.shape(), true};
  }
  if (const ValueInfo* input = find_input(value); input != nullptr) return *input;
  if (const auto known = values.find(value); known != values.end()) return known->second;
  for (const ValueInfo& output : outputs) {
    if (output.name == value) return output;
  }
  return std::nullopt;
}

std::string Graph::fresh_name(const std::string& base) const {
  std::set<std::string> taken;
  for (const ValueInfo& input : inputs) taken.insert(input.name);
  for (const ValueInfo& output : outputs) taken.insert(output.name);
  for (const OpCall& call : nodes) {
    taken.insert(call.outputs.begin(), call.outputs.end());
    for (const std::string& read : reads_of(call)) taken.insert(read);
  }
  const auto is_taken = [&](const std::string& n) {
    return taken.count(n) > 0 || initializers.count(n) > 0 || values.count(n) > 0;
  };
  if (!base.empty() && !is_taken(base)) return base;
  for (std::size_t i = 2;; ++i) {
    std::string candidate = (base.empty() ? "value" : base) + "_" + std::to_string(i);
    if (!is_taken(candidate)) return candidate;
  }
}

Status check_and_sort(Graph& graph) {
  TENBIN_TRY(const Producers producers, producers_of(graph));
  TENBIN_TRY(Edges edges, edges_of(graph, producers));
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (edges.waiting[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  order.reserve(graph.nodes.size());
  while (!ready.empty()) {
    const std::size_t node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const std::size_t reader : edges.readers[node]) {
      if (--edges.waiting[reader] == 0) ready.push(reader);
    }
  }
  if (order.size() < graph.nodes.size()) {
    Faults cycle;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      if (edges.waiting[i] > 0) cycle.add("node " + label(graph.nodes[i]) + " waits in a cycle");
    }
    return cycle.status();
  }
  if (std::is_sorted(order.begin(), order.end())) return {};
  std::vector<OpCall> sorted;
  sorted.reserve(order.size());
  for (const std::size_t node : order) sorted.push_back(std::move(graph.nodes[node]));
  graph.nodes = std::move(sorted);
  return {};
}

void stamp_opsets(Graph& graph, const std::map<std::string, std::int64_t>& opsets) {
  for (OpCall& call : graph.nodes) {
    const auto opset = opsets.find(call.domain);
    if (opset != opsets.end()) call.opset = opset->second;
    for (auto& [key, attribute] : call.attributes) {
      auto* body = std::get_if<std::shared_ptr<const Subgraph>>(&attribute);
      if (body == nullptr || *body == nullptr) continue;
      Subgraph stamped = **body;
      stamp_opsets(stamped.graph, opsets);
      *body = std::make_shared<const Subgraph>(std::move(stamped));
    }
  }
}

Status bind_batch(Graph& graph, std::int64_t batch) {
  if (batch < 1) {
    return Error(ErrorCode::kBadShape,
                 "batch of " + std::to_string(batch) + ", expected 1 or more");
  }
  for (ValueInfo& input : graph.inputs) {
    if (!input.shape.empty() && input.shape[0] == -1) input.shape[0] = batch;
  }
  return infer_shapes(graph);
}

}  // namespace tenbin

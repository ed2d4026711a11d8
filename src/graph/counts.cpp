// SPDX-License-Identifier: Apache-2.0
#include "graph/counts.h"

#include <algorithm>
#include <set>

#include "graph/inference.h"
#include "graph/learned.h"
#include "graph/schema.h"

namespace tenbin {
namespace {

constexpr std::int64_t kStepCounter = 8;  // [B] PyTorch's count of batches in a normalisation

bool is_float(ElementType type) {
  return type == ElementType::kFloat32 || type == ElementType::kFloat64 ||
         type == ElementType::kFloat16 || type == ElementType::kBfloat16;
}

std::int64_t bytes_of(const Known& known) {
  if (!known.shape || !is_static(*known.shape)) return 0;
  const auto count = element_count(*known.shape);
  return count.ok() ? *count * static_cast<std::int64_t>(element_size(known.type)) : 0;
}

// Follows weights and products through the graph while nodes are visited in order.
class Counter {
 public:
  explicit Counter(const Graph& graph) : graph_(graph), learned_(find_learned(graph).weights) {
    for (const ValueInfo& output : graph.outputs) needed_.insert(output.name);
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
      const bool runs = std::ranges::any_of(
          node->outputs, [&](const std::string& name) { return needed_.contains(name); });
      if (runs) needed_.insert(node->inputs.begin(), node->inputs.end());
    }
    for (const auto& [name, tensor] : graph.initializers) weights_.emplace(name, name);
  }

  Status visit(const InferCall& work, const OpSchema* schema) {
    const OpCall& call = work.call;
    trace(call);
    NodeCount node{call.name, call.op, {}, 0, {}};
    for (const Known& output : work.outputs) node.activations.count += bytes_of(output);
    if (call.op == "Constant") node.activations.count = 0;
    if (schema != nullptr) {
      // What no output needs is not run; its weights are there all the same.
      const bool runs = std::ranges::any_of(
          call.outputs, [this](const std::string& name) { return needed_.contains(name); });
      if (runs) {
        TENBIN_CHECK(add_macs(work, *schema, node));
      }
      for (const std::size_t i : schema->parameters) node.parameters += add_parameter(call, i);
      for (const std::size_t i : schema->buffers) add_buffer(call, i);
      if (!schema->buffers.empty()) counts.buffer_bytes.count += kStepCounter;
    }
    if (call.op == "Add") node.parameters += add_separate_bias(call);
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
      if (learned_.contains(call.inputs[i])) node.parameters += add_parameter(call, i);
    }
    if (__builtin_add_overflow(counts.macs.count, node.macs.count, &counts.macs.count)) {
      return Error(ErrorCode::kTooLarge, "more than 2^63 multiply-accumulates");
    }
    counts.parameters += node.parameters;
    counts.activations = counts.activations + node.activations;
    counts.nodes.push_back(std::move(node));
    return {};
  }

  GraphCounts counts;

 private:
  // A weight may pass through operators that only reorder it.
  void trace(const OpCall& call) {
    static const std::set<std::string> kReorder = {"Identity", "Transpose", "Reshape", "Cast",
                                                   "Squeeze",  "Unsqueeze", "Flatten"};
    if (call.outputs.empty()) return;
    if (call.op == "MatMul") products_.insert(call.outputs[0]);
    const Tensor* value = call.op == "Constant" ? call.tensor("value") : nullptr;
    if (value != nullptr) {
      weights_[call.outputs[0]] = call.outputs[0];
      constants_[call.outputs[0]] = value;
    }
    if (kReorder.count(call.op) == 0 || call.inputs.empty()) return;
    const auto source = weights_.find(call.inputs[0]);
    if (source != weights_.end()) weights_[call.outputs[0]] = source->second;
  }

  const Tensor* weight(const OpCall& call, std::size_t i, std::string& name) const {
    if (i >= call.inputs.size()) return nullptr;
    const auto traced = weights_.find(call.inputs[i]);
    if (traced == weights_.end()) return nullptr;
    name = traced->second;
    const auto initializer = graph_.initializers.find(name);
    if (initializer != graph_.initializers.end()) return &initializer->second;
    const auto constant = constants_.find(name);
    return constant == constants_.end() ? nullptr : constant->second;
  }

  static Status add_macs(const InferCall& work, const OpSchema& schema, NodeCount& node) {
    if (schema.macs == nullptr) return {};
    for (const Known* input : work.inputs) {
      if (input == nullptr) continue;
      if (!input->shape || !is_static(*input->shape)) {
        return Error(ErrorCode::kBadShape, "shape of an operand is not known, so its cost is not",
                     "node '" + work.call.name + "'");
      }
      // Then no product of two of them overflows.
      TENBIN_TRY([[maybe_unused]] const std::int64_t size, element_count(*input->shape));
    }
    if (work.outputs.empty() || !work.outputs[0].shape || !is_static(*work.outputs[0].shape)) {
      return Error(ErrorCode::kBadShape, "shape of the result is not known",
                   "node '" + work.call.name + "'");
    }
    TENBIN_TRY([[maybe_unused]] const std::int64_t checked, element_count(*work.outputs[0].shape));
    node.macs = Macs{schema.macs(work)};
    return {};
  }

  // Each weight counts once, however many nodes share it.
  std::int64_t add_parameter(const OpCall& call, std::size_t i) {
    std::string name;
    const Tensor* tensor = weight(call, i, name);
    if (tensor == nullptr || !is_float(tensor->type()) || !seen_.insert(name).second) return 0;
    counts.parameter_bytes.count += static_cast<std::int64_t>(tensor->byte_size());
    return tensor->count();
  }

  void add_buffer(const OpCall& call, std::size_t i) {
    std::string name;
    const Tensor* tensor = weight(call, i, name);
    if (tensor == nullptr || !seen_.insert(name).second) return;
    counts.buffer_bytes.count += static_cast<std::int64_t>(tensor->byte_size());
  }

  // A dense layer written as MatMul and Add: the vector is its bias.
  std::int64_t add_separate_bias(const OpCall& call) {
    if (call.inputs.size() != 2) return 0;
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      std::string name;
      const Tensor* bias = weight(call, i, name);
      if (bias == nullptr || bias->shape().size() != 1) continue;
      if (products_.count(call.inputs[1 - i]) > 0) return add_parameter(call, i);
    }
    return 0;
  }

  const Graph& graph_;
  std::set<std::string> learned_;                   // initialisers that training adjusts
  std::set<std::string> needed_;                    // values that outputs depend on
  std::map<std::string, std::string> weights_;      // value to the initialiser it comes from
  std::map<std::string, const Tensor*> constants_;  // of Constant nodes
  std::set<std::string> products_;                  // results of MatMul
  std::set<std::string> seen_;
};

// The largest sum of bytes alive while one node runs: its operands, its results, and what a later
// node or the caller still wants.
std::int64_t peak_bytes(const Graph& graph, const std::map<std::string, Known>& known) {
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& input : graph.nodes[i].inputs) last[input] = i;
    for (const std::string& output : graph.nodes[i].outputs) last.emplace(output, i);
  }
  for (const ValueInfo& output : graph.outputs) last[output.name] = graph.nodes.size();
  const auto size = [&](const std::string& name) {
    const auto found = known.find(name);
    return found == known.end() ? 0 : bytes_of(found->second);
  };
  std::vector<std::vector<std::string>> dying(graph.nodes.size() + 1);
  std::int64_t alive = 0;
  for (const ValueInfo& input : graph.inputs) {
    alive += size(input.name);
    if (last.count(input.name) > 0) dying[last[input.name]].push_back(input.name);
  }
  std::int64_t peak = alive;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op != "Constant") {
      for (const std::string& output : graph.nodes[i].outputs) {
        if (output.empty()) continue;
        alive += size(output);
        dying[last[output]].push_back(output);
      }
    }
    peak = std::max(peak, alive);
    for (const std::string& name : dying[i]) alive -= size(name);
  }
  return peak;
}

}  // namespace

Result<GraphCounts> count(const Graph& graph) {
  Graph one;  // declared sizes of another batch are left behind
  one.inputs = graph.inputs;
  one.outputs = graph.outputs;
  one.nodes = graph.nodes;
  one.initializers = graph.initializers;
  for (ValueInfo& input : one.inputs) {
    if (!input.shape.empty() && input.shape[0] == -1) input.shape[0] = 1;
  }
  Counter counter(one);
  TENBIN_TRY(const Inference inference,
             infer(one, [&](const InferCall& work, const OpSchema* schema) {
               return counter.visit(work, schema);
             }));
  counter.counts.peak_activations = Bytes{peak_bytes(one, inference.known)};
  return std::move(counter.counts);
}

}  // namespace tenbin

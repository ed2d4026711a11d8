// SPDX-License-Identifier: Apache-2.0
#include "compress/dynamic_int8.h"

#include <map>
#include <vector>

#include "compress/layers.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

bool takes_integers(const Graph& graph, const OpCall& node, std::int64_t least_weights) {
  if (!is_layer(graph, node) || node.op == "Conv") return false;
  const Tensor& weights = graph.initializers.at(node.inputs[1]);
  return weights.shape().size() == 2 && weights.count() >= least_weights &&
         node.number("alpha", 1) == 1.0F && node.number("beta", 1) == 1.0F &&
         node.integer("transA", 0) == 0;
}

// [in, out], as MatMulInteger wants them.
Tensor inputs_first(const GridWeights& weights) {
  if (weights.axis == 1) return weights.values;
  const Shape& shape = weights.values.shape();
  Tensor out(ElementType::kInt8, {shape[1], shape[0]});
  const auto rows = static_cast<std::size_t>(shape[0]),
             columns = static_cast<std::size_t>(shape[1]);
  for (std::size_t i = 0; i < rows * columns; ++i) {
    out.data<std::int8_t>()[i % columns * rows + i / columns] =
        weights.values.data<std::int8_t>()[i];
  }
  return out;
}

struct Source {
  std::string steps, scale, zero;
};

class Writer {
 public:
  explicit Writer(const Graph& graph) : out_(graph) { out_.nodes.clear(); }

  void rewrite(const OpCall& node, const GridWeights& weights);
  void add(const OpCall& node) { out_.nodes.push_back(node); }
  Graph take() && { return std::move(out_); }

 private:
  std::string constant(const std::string& base, Tensor value) {
    const std::string name = out_.fresh_name(base);
    out_.initializers[name] = std::move(value);
    return name;
  }
  OpCall& call(const std::string& op, std::vector<std::string> inputs,
               const std::vector<std::string>& bases, Attributes attributes = {}) {
    OpCall node;
    node.op = op;
    for (const std::string& base : bases) {
      const std::string name = out_.fresh_name(base);
      out_.values[name] = ValueInfo{name, ElementType::kUndefined, {}, false};  // taken
      node.outputs.push_back(name);
    }
    node.name = node.outputs.front();
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    return out_.nodes.emplace_back(std::move(node));
  }
  const Source& source(const std::string& value) {
    const auto [found, fresh] = sources_.try_emplace(value);
    if (fresh) {
      const OpCall& q = call("DynamicQuantizeLinear", {value},
                             {value + "_stored", value + "_scale", value + "_zero"});
      found->second = {q.outputs[0], q.outputs[1], q.outputs[2]};
    }
    return found->second;
  }

  Graph out_;
  std::map<std::string, Source> sources_;
};

void Writer::rewrite(const OpCall& node, const GridWeights& weights) {
  const std::string& name = node.inputs[1];
  const Source from = source(node.inputs[0]);
  const std::string stored = constant(name + "_stored", inputs_first(weights));
  const std::string scales = constant(name + "_scale", weights.scales);
  const std::string sums =
      call("MatMulInteger", {from.steps, stored, from.zero}, {node.outputs[0] + "_sums"})
          .outputs[0];
  const std::string floats = call("Cast", {sums}, {node.outputs[0] + "_in_steps"},
                                  {{"to", static_cast<std::int64_t>(ElementType::kFloat32)}})
                                 .outputs[0];
  const std::string step =
      call("Mul", {from.scale, scales}, {node.outputs[0] + "_step"}).outputs[0];
  const bool biased = node.inputs.size() > 2 && !node.inputs[2].empty();
  OpCall last;
  last.op = "Mul";
  last.name = node.name;
  last.inputs = {floats, step};
  last.outputs = node.outputs;
  if (biased) {
    const std::string product =
        call("Mul", {floats, step}, {node.outputs[0] + "_product"}).outputs[0];
    last.op = "Add";
    last.inputs = {product, node.inputs[2]};
  }
  out_.nodes.push_back(std::move(last));
}

}  // namespace

Result<Graph> multiply_dynamically(const Graph& graph, const std::set<std::string>& in_floats,
                                   const ChosenWeights& chosen, std::int64_t least_weights) {
  Writer writer(graph);
  for (const OpCall& node : graph.nodes) {
    if (in_floats.contains(node.name) || !takes_integers(graph, node, least_weights)) {
      writer.add(node);
      continue;
    }
    const Tensor& weights = graph.initializers.at(node.inputs[1]);
    const std::size_t axis = output_axis(node, weights.shape());
    const auto given = chosen.find(node.inputs[1]);
    const bool fits = given != chosen.end() && given->second.axis == axis;
    writer.rewrite(node, fits ? given->second : nearest_weights(weights, axis));
  }
  Graph out = std::move(writer).take();
  remove_unused_initializers(out);
  TENBIN_CHECK(check_and_sort(out));
  TENBIN_CHECK(infer_shapes(out));
  return out;
}

}  // namespace tenbin

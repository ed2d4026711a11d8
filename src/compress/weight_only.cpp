// SPDX-License-Identifier: Apache-2.0
#include "compress/weight_only.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "compress/layers.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

// Which inputs of a node are weights to be stored, and the axis that counts their outputs.
std::optional<std::size_t> weight_axis(const Graph& graph, const OpCall& node, std::size_t i) {
  const Tensor* weights = float_constant(graph, node, i);
  if (weights == nullptr || weights->shape().size() < 2 || !node.domain.empty()) {
    return std::nullopt;
  }
  if (i == 1 && is_layer(graph, node)) return output_axis(node, weights->shape());
  if ((node.op == "LSTM" || node.op == "GRU") && (i == 1 || i == 2)) return 1;
  if (node.op == "Gather" && i == 0 && node.integer("axis", 0) == 0) return 0;
  return std::nullopt;
}

// Turns weights into rows of outputs and back: the axis of outputs goes first.
struct Turn {
  Shape shape;  // with that axis first
  std::vector<std::int64_t> back;
  std::vector<std::size_t> from;  // where each element lies in the weights
};

Turn outputs_first(const Shape& weights, std::size_t axis) {
  Turn turn;
  const OutputView view = outputs_of(weights, axis);
  turn.shape = {weights[axis]};
  turn.back.resize(weights.size());
  std::int64_t next = 1;
  for (std::size_t d = 0; d < weights.size(); ++d) {
    if (d == axis) continue;
    turn.shape.push_back(weights[d]);
    turn.back[d] = next++;
  }
  turn.back[axis] = 0;
  const auto count = static_cast<std::size_t>(count_of(weights));
  const std::size_t outer = count / view.outputs / view.inner;
  for (std::size_t o = 0; o < view.outputs; ++o) {
    for (std::size_t p = 0; p < outer; ++p) {
      for (std::size_t i = 0; i < view.inner; ++i) {
        turn.from.push_back((p * view.outputs + o) * view.inner + i);
      }
    }
  }
  return turn;
}

class Writer {
 public:
  Writer(const Graph& graph, const WeightOnlyOptions& options)
      : out_(graph), options_(options), most_(options.bits == 4 ? 7 : kMostWeightStep) {
    out_.nodes.clear();
  }

  // The value that stands for the weights in floats.
  Result<std::string> store(const std::string& name, std::size_t axis, const GridWeights* chosen);
  void add(OpCall node) { out_.nodes.push_back(std::move(node)); }
  bool is_small(const Tensor& weights) const { return weights.count() < options_.least_weights; }
  Graph take() && { return std::move(out_); }

 private:
  std::string constant(const std::string& base, Tensor value) {
    const std::string name = out_.fresh_name(base);
    out_.initializers[name] = std::move(value);
    return name;
  }
  std::string integers(const std::string& base, const std::vector<std::int64_t>& values) {
    return constant(base, Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())},
                                                   std::span<const std::int64_t>(values)));
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
  std::string cast(const std::string& value, ElementType to, const std::string& base) {
    return call("Cast", {value}, base, {{"to", static_cast<std::int64_t>(to)}});
  }
  std::string unpack(const std::string& name, std::span<const std::int8_t> steps);
  std::string in_groups(const std::string& name, const Tensor& weights, std::size_t axis,
                        const GridWeights* chosen);

  Graph out_;
  const WeightOnlyOptions& options_;
  int most_;
};

// Two steps of 4 bits a byte, the first half of all in the lower ones: as floats again, in a row.
std::string Writer::unpack(const std::string& name, std::span<const std::int8_t> steps) {
  const std::size_t half = (steps.size() + 1) / 2;
  Tensor packed(ElementType::kUint8, {static_cast<std::int64_t>(half)});
  for (std::size_t i = 0; i < half; ++i) {
    const int low = steps[i] + 8;
    const int high = half + i < steps.size() ? steps[half + i] + 8 : 8;
    packed.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(low | high << 4);
  }
  const std::string bytes = constant(name + "_packed", std::move(packed));
  const std::string four = constant(name + "_four", Tensor::scalar(std::uint8_t{4}));
  const std::string shifted =
      call("BitShift", {bytes, four}, name + "_shifted", {{"direction", std::string("RIGHT")}});
  const std::string high = cast(shifted, ElementType::kFloat32, name + "_high");
  const std::string both = cast(bytes, ElementType::kFloat32, name + "_both");
  const std::string sixteen = constant(name + "_sixteen", Tensor::scalar(16.0F));
  const std::string upper = call("Mul", {high, sixteen}, name + "_upper");
  const std::string low = call("Sub", {both, upper}, name + "_low");
  std::string row = call("Concat", {low, high}, name + "_row", {{"axis", std::int64_t{0}}});
  if (steps.size() % 2 != 0) {
    row = call("Slice",
               {row, integers(name + "_from", {0}),
                integers(name + "_to", {static_cast<std::int64_t>(steps.size())})},
               name + "_whole");
  }
  const std::string eight = constant(name + "_eight", Tensor::scalar(8.0F));
  return call("Sub", {row, eight}, name + "_steps");
}

std::string Writer::in_groups(const std::string& name, const Tensor& weights, std::size_t axis,
                              const GridWeights* chosen) {
  const Turn turn = outputs_first(weights.shape(), axis);
  const std::int64_t outputs = turn.shape[0], inputs = weights.count() / outputs;
  const bool divides = options_.group > 0 && inputs % options_.group == 0;
  const std::int64_t size = divides && chosen == nullptr ? options_.group : inputs;
  Tensor rows(ElementType::kFloat32, {weights.count() / size, size});
  for (std::size_t i = 0; i < turn.from.size(); ++i) {
    rows.data<float>()[i] = weights.data<float>()[turn.from[i]];
  }
  GridWeights stored = nearest_weights(rows, 0, most_);
  if (chosen != nullptr) {
    stored.scales = chosen->scales;
    for (std::size_t i = 0; i < turn.from.size(); ++i) {
      stored.values.data<std::int8_t>()[i] = chosen->values.data<std::int8_t>()[turn.from[i]];
    }
  }
  std::string steps;
  if (options_.bits == 4) {
    const auto shape = integers(name + "_groups", {rows.shape()[0], size});
    steps = call("Reshape", {unpack(name, stored.values.data<std::int8_t>()), shape}, name + "_q");
  } else {
    steps = cast(constant(name + "_stored", std::move(stored.values)), ElementType::kFloat32,
                 name + "_q");
  }
  stored.scales.reshape({rows.shape()[0], 1});
  const std::string scaled =
      call("Mul", {steps, constant(name + "_scale", std::move(stored.scales))}, name + "_scaled");
  const std::string whole =
      call("Reshape", {scaled, integers(name + "_shape", turn.shape)}, name + "_whole_shape");
  if (axis == 0) return whole;
  return call("Transpose", {whole}, name + "_turned", {{"perm", turn.back}});
}

Result<std::string> Writer::store(const std::string& name, std::size_t axis,
                                  const GridWeights* chosen) {
  const Tensor& weights = out_.initializers.at(name);
  if (chosen != nullptr) {
    for (const std::int8_t step : chosen->values.data<std::int8_t>()) {
      if (std::abs(static_cast<int>(step)) <= most_) continue;
      return Error(ErrorCode::kBadValue,
                   "a chosen weight is on step " + std::to_string(step) + ", expected at most " +
                       std::to_string(most_) + " for " + std::to_string(options_.bits) + " bits",
                   "weights '" + name + "'");
    }
  }
  if (options_.bits == 4 || options_.group > 0) return in_groups(name, weights, axis, chosen);
  GridWeights stored = chosen != nullptr ? *chosen : nearest_weights(weights, axis);
  const Shape each = stored.scales.shape();
  return call("DequantizeLinear",
              {constant(name + "_stored", std::move(stored.values)),
               constant(name + "_scale", std::move(stored.scales)),
               constant(name + "_zero", Tensor(ElementType::kInt8, each))},
              name + "_floats", {{"axis", static_cast<std::int64_t>(axis)}});
}

}  // namespace

Result<Graph> store_weights(const Graph& graph, const WeightOnlyOptions& options,
                            const std::set<std::string>& in_floats, const ChosenWeights& chosen) {
  if ((options.bits != 4 && options.bits != 8) || options.group < 0) {
    return Error(ErrorCode::kBadValue, std::to_string(options.bits) + " bits in groups of " +
                                           std::to_string(options.group) +
                                           ", expected 4 or 8 bits and a group of 0 or more");
  }
  Writer writer(graph, options);
  std::map<std::pair<std::string, std::size_t>, std::string> done;  // weights, axis
  for (const OpCall& original : graph.nodes) {
    OpCall node = original;
    for (std::size_t i = 0; i < node.inputs.size() && !in_floats.contains(node.name); ++i) {
      const auto axis = weight_axis(graph, original, i);
      if (!axis || writer.is_small(graph.initializers.at(node.inputs[i]))) continue;
      const auto given = chosen.find(node.inputs[i]);
      const bool fits = given != chosen.end() && given->second.axis == *axis;
      std::string& floats = done[{node.inputs[i], *axis}];
      if (floats.empty()) {
        TENBIN_TRY(floats, writer.store(node.inputs[i], *axis, fits ? &given->second : nullptr));
      }
      node.inputs[i] = floats;
    }
    writer.add(std::move(node));
  }
  Graph out = std::move(writer).take();
  remove_unused_initializers(out);
  TENBIN_CHECK(check_and_sort(out));
  TENBIN_CHECK(infer_shapes(out));
  return out;
}

}  // namespace tenbin

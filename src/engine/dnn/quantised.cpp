// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/quantised.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/dnn/fake_grid.h"
#include "engine/kernels/quantise.h"

namespace tenbin::dnn {
namespace {

using Type = dnnl::memory::data_type;

bool is_zero(const Tensor* zero) {
  if (zero == nullptr || !zero->defined()) return true;
  const auto bytes = zero->bytes();
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

template <class T>
void spread(const Tensor& stored, const Tensor& scale, const Tensor* zero, std::int64_t axis,
            std::span<float> out) {
  const Shape& shape = stored.shape();
  std::int64_t inner = 1;
  for (auto d = static_cast<std::size_t>(axis) + 1; d < shape.size(); ++d) inner *= shape[d];
  const auto from = stored.data<T>();
  const auto scales = scale.data<float>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t at =
        scales.size() == 1 ? 0 : (i / static_cast<std::size_t>(inner)) % scales.size();
    const T offset = zero != nullptr ? zero->data<T>()[at] : T{0};
    const auto steps = static_cast<std::int64_t>(from[i]) - static_cast<std::int64_t>(offset);
    out[i] = static_cast<float>(steps) * scales[at];
  }
}

const Tensor* initializer(const Graph& graph, const OpCall& node, std::size_t i) {
  if (i >= node.inputs.size() || node.inputs[i].empty()) return nullptr;
  const auto found = graph.initializers.find(node.inputs[i]);
  return found == graph.initializers.end() ? nullptr : &found->second;
}

// The floats of a constant on a grid; nothing for element types that layers do not have.
std::optional<Tensor> floats_of(const Tensor& stored, const Tensor& scale, const Tensor* zero,
                                std::int64_t axis) {
  Tensor out(ElementType::kFloat32, stored.shape());
  switch (stored.type()) {
    case ElementType::kInt8:
      spread<std::int8_t>(stored, scale, zero, axis, out.data<float>());
      break;
    case ElementType::kUint8:
      spread<std::uint8_t>(stored, scale, zero, axis, out.data<float>());
      break;
    case ElementType::kInt32:
      spread<std::int32_t>(stored, scale, zero, axis, out.data<float>());
      break;
    default: return std::nullopt;
  }
  return out;
}

// Scale and zero point fit the constant and each other.
Status check_grid(const OpCall& node, const Tensor& stored, const Tensor& scale, const Tensor* zero,
                  std::int64_t axis) {
  const auto rank = static_cast<std::int64_t>(stored.shape().size());
  const bool one = scale.count() == 1;
  const bool fits =
      scale.type() == ElementType::kFloat32 &&
      (one || (axis >= 0 && axis < rank &&
               scale.count() == stored.shape()[static_cast<std::size_t>(axis)])) &&
      (zero == nullptr || (zero->type() == stored.type() && zero->count() == scale.count()));
  if (fits) return {};
  return Error(ErrorCode::kBadShape,
               "scale " + to_text(scale.shape()) + " does not fit " + to_text(stored.shape()),
               "node '" + node.name + "'");
}

// Makes integers of floats that the graph itself rounds: weights of a network in training.
void store_rounded_constants(Graph& graph) {
  for (const OpCall& node : graph.nodes) {
    const bool takes = node.op == "QuantizeLinear" && node.domain.empty();
    const Tensor* floats = takes ? initializer(graph, node, 0) : nullptr;
    const Tensor* scale = takes ? initializer(graph, node, 1) : nullptr;
    const Tensor* zero = takes ? initializer(graph, node, 2) : nullptr;
    if (floats == nullptr || scale == nullptr || zero == nullptr || !is_zero(zero) ||
        floats->type() != ElementType::kFloat32 || zero->type() != ElementType::kInt8 ||
        scale->type() != ElementType::kFloat32) {
      continue;
    }
    const std::int64_t axis = node.integer("axis", 1);
    const auto rank = static_cast<std::int64_t>(floats->shape().size());
    const FakeGrid grid{{scale->data<float>().begin(), scale->data<float>().end()},
                        static_cast<std::size_t>(axis < 0 ? axis + rank : axis),
                        {}};
    if (scale->count() != 1 &&
        (grid.axis >= floats->shape().size() || scale->count() != floats->shape()[grid.axis])) {
      continue;
    }
    const std::vector<float> scales = scale_of_elements(grid, floats->shape());
    Tensor stored(ElementType::kInt8, floats->shape());
    for (std::size_t i = 0; i < scales.size(); ++i) {
      kernels::quantise(&stored.data<std::int8_t>()[i], &floats->data<float>()[i], 1, scales[i], 0);
    }
    graph.initializers[node.outputs[0]] = std::move(stored);
  }
  std::erase_if(graph.nodes, [&](const OpCall& node) {
    return node.op == "QuantizeLinear" && graph.initializers.contains(node.outputs[0]);
  });
}

}  // namespace

Result<QuantisedConstants> take_quantised_constants(Graph& graph) {
  store_rounded_constants(graph);
  QuantisedConstants kept;
  std::vector<OpCall> others;
  for (OpCall& node : graph.nodes) {
    const bool takes = node.op == "DequantizeLinear" && node.domain.empty();
    const Tensor* stored = takes ? initializer(graph, node, 0) : nullptr;
    const Tensor* scale = takes ? initializer(graph, node, 1) : nullptr;
    const Tensor* zero = takes ? initializer(graph, node, 2) : nullptr;
    const bool given = node.inputs.size() > 2 && !node.inputs[2].empty();
    if (stored == nullptr || scale == nullptr || (given && zero == nullptr)) {
      others.push_back(std::move(node));
      continue;
    }
    std::int64_t axis = node.integer("axis", 1);
    if (axis < 0) axis += static_cast<std::int64_t>(stored->shape().size());
    TENBIN_CHECK(check_grid(node, *stored, *scale, zero, axis));
    auto floats = floats_of(*stored, *scale, zero, axis);
    if (!floats) {
      others.push_back(std::move(node));
      continue;
    }
    if (stored->type() == ElementType::kInt8 && is_zero(zero)) {
      const auto scales = scale->data<float>();
      kept[node.outputs[0]] = {*stored, {scales.begin(), scales.end()}, axis};
    }
    graph.initializers[node.outputs[0]] = std::move(*floats);
  }
  graph.nodes = std::move(others);
  return kept;
}

std::optional<GridType> grid_of(const Builder& b, const OpCall& node) {
  const Tensor* scale = b.constant(node.inputs[1]);
  if (scale == nullptr || scale->type() != ElementType::kFloat32 || scale->count() != 1) {
    return std::nullopt;
  }
  GridType out;
  out.grid.scale = scale->data<float>()[0];
  if (!(out.grid.scale > 0)) return std::nullopt;
  if (node.inputs.size() < 3 || node.inputs[2].empty()) return out;
  const Tensor* zero = b.constant(node.inputs[2]);
  if (zero == nullptr || zero->count() != 1) return std::nullopt;
  if (zero->type() == ElementType::kUint8) {
    out.grid.zero = zero->data<std::uint8_t>()[0];
  } else if (zero->type() == ElementType::kInt8) {
    out.grid.zero = zero->data<std::int8_t>()[0];
    out.type = Type::s8;
  } else {
    return std::nullopt;
  }
  return out;
}

Ending find_ending(const Builder& b, const std::string& dst) {
  Ending ending{dst, false, std::nullopt, {}};
  const OpCall* next = b.only_consumer(dst);
  if (next != nullptr && next->op == "Relu") {
    ending.nodes.push_back(next);
    ending.relu = true;
    ending.dst = next->outputs[0];
    next = b.only_consumer(ending.dst);
  }
  if (next == nullptr || next->op != "QuantizeLinear") return ending;
  ending.grid = grid_of(b, *next);
  if (!ending.grid) return ending;
  ending.nodes.push_back(next);
  ending.dst = next->outputs[0];
  return ending;
}

Requantisation requantisation(const Ending& ending, float src_scale,
                              const std::vector<float>& weight_scales) {
  Requantisation out;
  out.attributes = user_scratch();
  const float step = ending.grid ? ending.grid->grid.scale : 1.0F;
  std::vector<float> scales;
  for (const float scale : weight_scales) {
    scales.push_back(static_cast<float>(static_cast<double>(src_scale) *
                                        static_cast<double>(scale) / static_cast<double>(step)));
  }
  out.attributes.set_output_scales(scales.size() == 1 ? 0 : 1 << 1, scales);
  dnnl::post_ops post;
  if (ending.relu) post.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
  if (ending.grid && ending.grid->grid.zero != 0) {
    post.append_eltwise(1, dnnl::algorithm::eltwise_linear, 1,
                        static_cast<float>(ending.grid->grid.zero));
  }
  if (post.len() > 0) out.attributes.set_post_ops(post);
  if (ending.grid) out.type = ending.grid->type;
  return out;
}

std::vector<float> bias_in_steps(const Tensor* bias, float src_scale,
                                 const QuantisedConstant& weights, std::size_t axis,
                                 std::int32_t offset) {
  const auto stored = weights.values.data<std::int8_t>();
  const Shape& shape = weights.values.shape();
  std::vector<float> steps(static_cast<std::size_t>(shape[axis]), 0);
  std::int64_t inner = 1;
  for (std::size_t d = axis + 1; d < shape.size(); ++d) inner *= shape[d];
  std::vector<std::int64_t> sums(steps.size(), 0);
  for (std::size_t i = 0; offset != 0 && i < stored.size(); ++i) {
    sums[i / static_cast<std::size_t>(inner) % sums.size()] += stored[i];
  }
  for (std::size_t o = 0; o < steps.size(); ++o) {
    const float scale = weights.scales[weights.scales.size() == 1 ? 0 : o];
    const double unit = static_cast<double>(src_scale) * static_cast<double>(scale);
    const double given = bias != nullptr ? static_cast<double>(bias->data<float>()[o]) / unit : 0;
    steps[o] = static_cast<float>(given - static_cast<double>(sums[o] * offset));
  }
  return steps;
}

void define_ending(Builder& b, const Ending& ending, const Shape& shape, const Ref& dst) {
  for (const OpCall* node : ending.nodes) b.absorb(node);
  Builder::Value& value = b.define(ending.dst, shape, ending.grid ? Ref{} : dst);
  if (ending.grid) value.on_grid = OnGrid{dst, ending.grid->grid, {}};
}

Result<bool> lower_quantised(Builder& b, const OpCall& node) {
  if (b.options().mode != Mode::kInfer || b.options().quantised == nullptr) return false;
  if (!node.domain.empty() || node.inputs.empty() || b.constant(node.inputs[0]) != nullptr) {
    return false;
  }
  if (!b.value(node.inputs[0]).on_grid) return false;
  if (node.op == "Conv") return lower_quantised_conv(b, node);
  if (node.op == "Gemm" || node.op == "MatMul") return lower_quantised_dense(b, node);
  if (node.op == "Add") return lower_quantised_add(b, node);
  return lower_quantised_pool(b, node);
}

}  // namespace tenbin::dnn

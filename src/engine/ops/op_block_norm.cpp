// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// A tensor as blocks of neighbours, each brought to mean 0 and variance 1 on its own, then scaled:
// element i of block b by entry (b * by_block + i / by_element) % entries of scale and bias.
struct Blocks {
  std::int64_t size = 1;
  std::int64_t by_block = 0, by_element = 1, entries = 1;
};

Result<Blocks> layer_blocks(const OpCall& call, OpInputs inputs) {
  const Shape& shape = inputs[0]->shape();
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", -1), shape.size()));
  const std::int64_t size = count_of(Shape(shape.begin() + axis, shape.end()));
  return Blocks{size, 0, 1, size};
}

// One block for each channel of a sample, or for each group of channels.
Result<Blocks> channel_blocks(const OpCall& call, OpInputs inputs) {
  const Shape& shape = inputs[0]->shape();
  if (shape.size() < 3) return bad_operands(call, "input " + to_text(shape));
  const bool grouped = call.op == "GroupNormalization";
  const std::int64_t channels = shape[1];
  const std::int64_t groups = grouped ? call.integer("num_groups", 0) : channels;
  if (groups < 1 || channels % groups != 0) {
    return bad_operands(
        call, std::to_string(channels) + " channels in " + std::to_string(groups) + " groups");
  }
  const std::int64_t plane = count_of(Shape(shape.begin() + 2, shape.end()));
  const std::int64_t each = channels / groups;
  if (grouped && call.opset < 21) return Blocks{each * plane, 1, INT64_MAX, groups};
  return Blocks{each * plane, each, std::max<std::int64_t>(plane, 1), channels};
}

template <class T> Outputs normalise(const OpCall& call, OpInputs inputs, const Blocks& blocks) {
  const Tensor& in = *inputs[0];
  const auto epsilon = static_cast<double>(call.number("epsilon", 1e-5F));
  const auto scale = inputs[1]->data<T>();
  const Tensor* bias = input_of(inputs, 2);
  std::vector<Tensor> out;
  out.emplace_back(in.type(), in.shape());
  const auto x = in.data<T>();
  const auto y = out[0].template data<T>();
  std::vector<float> means, inverses;
  const bool by_squares = call.op == "RMSNormalization";  // the mean stays
  const auto size = static_cast<std::size_t>(blocks.size);
  for (std::size_t begin = 0, b = 0; begin < x.size(); begin += size, ++b) {
    double sum = 0, squares = 0;
    for (const T v : x.subspan(begin, size)) sum += static_cast<double>(v);
    const double mean = by_squares ? 0 : sum / static_cast<double>(size);
    for (const T v : x.subspan(begin, size)) {
      squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
    }
    const double inverse = 1 / std::sqrt(squares / static_cast<double>(size) + epsilon);
    means.push_back(static_cast<float>(mean));
    inverses.push_back(static_cast<float>(inverse));
    for (std::size_t i = 0; i < size; ++i) {
      const auto place = static_cast<std::int64_t>(b) * blocks.by_block +
                         static_cast<std::int64_t>(i) / blocks.by_element;
      const auto entry = static_cast<std::size_t>(place % blocks.entries);
      double value = (static_cast<double>(x[begin + i]) - mean) * inverse;
      value *= static_cast<double>(scale[entry]);
      if (bias != nullptr) value += static_cast<double>(bias->data<T>()[entry]);
      y[begin + i] = static_cast<T>(value);
    }
  }
  if (call.op != "LayerNormalization") return out;
  Shape shape = in.shape();
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", -1), shape.size()));
  for (auto d = static_cast<std::size_t>(axis); d < shape.size(); ++d) shape[d] = 1;
  if (count_of(shape) != static_cast<std::int64_t>(means.size())) return out;  // empty blocks
  out.push_back(Tensor::of<float>(shape, std::span<const float>(means)));
  out.push_back(Tensor::of<float>(shape, std::span<const float>(inverses)));
  return out;
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  const bool layer = call.op == "LayerNormalization" || call.op == "RMSNormalization";
  TENBIN_CHECK(need_inputs(call, inputs, layer ? 2 : 3));
  TENBIN_TRY(const Blocks blocks,
             layer ? layer_blocks(call, inputs) : channel_blocks(call, inputs));
  for (std::size_t i = 1; i < inputs.size() && inputs[i] != nullptr; ++i) {
    TENBIN_CHECK(need_type(call, *inputs[i], inputs[0]->type()));
    if (inputs[i]->count() != blocks.entries) {
      return bad_operands(call, "scale or bias " + to_text(inputs[i]->shape()) + ", expected " +
                                    std::to_string(blocks.entries) + " entries");
    }
  }
  return typed(call, inputs[0]->type(), kReals,
               [&]<class T>() { return normalise<T>(call, inputs, blocks); });
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({1, 2, 3}, {1, 2, 3, 4, 5, 9});
  const Tensor two = Tensor::of<float>({2}, {1, 2}), ones = Tensor::of<float>({2}, {0, 1});
  const Tensor three = Tensor::of<float>({3}, {1, 2, 3});
  return {{"the last axis", op_call("LayerNormalization", 3), {x, three, three}, {}, false},
          {"each channel", op_call("InstanceNormalization", 3), {x, two, ones}, {}, false}};
}

}  // namespace

const OpEntry& op_block_norm() {
  static const OpEntry entry{
      "",
      {"LayerNormalization", "RMSNormalization", "InstanceNormalization", "GroupNormalization"},
      "Blocks of neighbours brought to mean 0 and variance 1.",
      compute,
      nullptr,
      probes};
  return entry;
}

}  // namespace tenbin

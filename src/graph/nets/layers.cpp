// SPDX-License-Identifier: Apache-2.0
#include "graph/nets/layers.h"

#include <algorithm>
#include <cmath>

#include "platform/random.h"

namespace tenbin {
namespace {
using Integers = std::vector<std::int64_t>;
}

std::string Layers::weight(const std::string& name, Shape shape, std::int64_t fan_in, double gain) {
  if (init_ == Init::kUniform) {
    return uniform(name, std::move(shape), 1 / std::sqrt(static_cast<double>(fan_in)));
  }
  Tensor out(ElementType::kFloat32, std::move(shape));
  Random random(seed_, ++stream_);
  const double deviation = std::sqrt(gain / static_cast<double>(fan_in));
  for (float& value : out.data<float>()) value = static_cast<float>(random.normal() * deviation);
  return b_.constant(name, std::move(out));
}

std::string Layers::bias(const std::string& name, std::int64_t size, std::int64_t fan_in) {
  if (init_ == Init::kNormal) return filled(name, size, 0);
  return uniform(name, {size}, 1 / std::sqrt(static_cast<double>(fan_in)));
}

std::string Layers::uniform(const std::string& name, Shape shape, double bound) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  Random random(seed_, ++stream_);
  for (float& value : out.data<float>()) {
    value = static_cast<float>((2 * random.uniform() - 1) * bound);
  }
  return b_.constant(name, std::move(out));
}

std::string Layers::filled(const std::string& name, std::int64_t size, float value) {
  Tensor out(ElementType::kFloat32, {size});
  std::ranges::fill(out.data<float>(), value);
  return b_.constant(name, std::move(out));
}

std::string Layers::conv(const std::string& src, const Conv& c) {
  const std::int64_t each = c.in / c.group;
  const std::int64_t fan_in = each * c.kernel * c.kernel;
  std::vector<std::string> inputs = {
      src, weight("conv.weights", {c.out, each, c.kernel, c.kernel}, fan_in, 2)};
  if (c.bias) inputs.push_back(bias("conv.bias", c.out, fan_in));
  Attributes attributes = {{"kernel_shape", Integers{c.kernel, c.kernel}},
                           {"pads", Integers(4, c.pad)},
                           {"strides", Integers{c.stride, c.stride}}};
  if (c.group != 1) attributes["group"] = c.group;
  return b_.node("Conv", std::move(inputs), std::move(attributes));
}

std::string Layers::conv1d(const std::string& src, const Conv1d& c) {
  const std::int64_t fan_in = c.in * c.kernel;
  return b_.node("Conv",
                 {src, weight("conv.weights", {c.out, c.in, c.kernel}, fan_in, 2),
                  bias("conv.bias", c.out, fan_in)},
                 {{"kernel_shape", Integers{c.kernel}},
                  {"dilations", Integers{c.dilation}},
                  {"pads", Integers{c.before, c.after}},
                  {"strides", Integers{1}}});
}

std::string Layers::batch_norm(const std::string& src, std::int64_t channels) {
  return b_.node("BatchNormalization",
                 {src, filled("norm.scale", channels, 1), filled("norm.shift", channels, 0),
                  filled("norm.mean", channels, 0), filled("norm.variance", channels, 1)},
                 {{"epsilon", 1e-5f}, {"momentum", 0.9f}});
}

std::string Layers::max_pool(const std::string& src, std::int64_t size) {
  return b_.node("MaxPool", {src},
                 {{"kernel_shape", Integers{size, size}}, {"strides", Integers{size, size}}});
}

std::string Layers::dropout(const std::string& src, float ratio) {
  if (ratio <= 0) return src;
  return b_.node("Dropout", {src, b_.constant("dropout.ratio", Tensor::scalar<float>(ratio))});
}

std::string Layers::dense(const std::string& src, std::int64_t in, std::int64_t out, double gain) {
  return b_.node("Gemm",
                 {src, weight("dense.weights", {out, in}, in, gain), bias("dense.bias", out, in)},
                 {{"transB", std::int64_t{1}}});
}

std::string Layers::project(const std::string& src, std::int64_t in, std::int64_t out) {
  const std::string product = b_.node("MatMul", {src, weight("project.weights", {in, out}, in, 1)});
  return b_.node("Add", {product, bias("project.bias", out, in)});
}

std::string Layers::layer_norm(const std::string& src, std::int64_t size) {
  return b_.node("LayerNormalization",
                 {src, filled("norm.scale", size, 1), filled("norm.shift", size, 0)},
                 {{"axis", std::int64_t{-1}}, {"epsilon", 1e-5f}});
}

}  // namespace tenbin

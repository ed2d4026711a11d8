// SPDX-License-Identifier: Apache-2.0
#include "graph/nets/layers.h"

#include <algorithm>
#include <cmath>

#include "platform/random.h"

namespace tenbin {
namespace {
using Integers = std::vector<std::int64_t>;
}

Tensor Layers::normal(Shape shape, std::int64_t fan_in, double gain) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  Random random(seed_, ++stream_);
  const double deviation = std::sqrt(gain / static_cast<double>(fan_in));
  for (float& value : out.data<float>()) value = static_cast<float>(random.normal() * deviation);
  return out;
}

std::string Layers::filled(const std::string& name, std::int64_t size, float value) {
  Tensor out(ElementType::kFloat32, {size});
  std::ranges::fill(out.data<float>(), value);
  return b_.constant(name, std::move(out));
}

std::string Layers::conv(const std::string& src, const Conv& c) {
  const std::int64_t each = c.in / c.group;
  std::vector<std::string> inputs = {
      src, b_.constant("conv.weights",
                       normal({c.out, each, c.kernel, c.kernel}, each * c.kernel * c.kernel, 2))};
  if (c.bias) inputs.push_back(filled("conv.bias", c.out, 0));
  Attributes attributes = {{"kernel_shape", Integers{c.kernel, c.kernel}},
                           {"pads", Integers(4, c.pad)},
                           {"strides", Integers{c.stride, c.stride}}};
  if (c.group != 1) attributes["group"] = c.group;
  return b_.node("Conv", std::move(inputs), std::move(attributes));
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
                 {src, b_.constant("dense.weights", normal({out, in}, in, gain)),
                  filled("dense.bias", out, 0)},
                 {{"transB", std::int64_t{1}}});
}

}  // namespace tenbin

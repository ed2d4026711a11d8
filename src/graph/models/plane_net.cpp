// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

#include <algorithm>
#include <cmath>

namespace tenbin {
namespace {
using Integers = std::vector<std::int64_t>;
}

std::int64_t scaled_width(std::int64_t channels, double factor) {
  if (factor == 1) return channels;
  const double eights = std::round(static_cast<double>(channels) * factor / 8);
  return 8 * std::max<std::int64_t>(1, static_cast<std::int64_t>(eights));
}

PlaneNet::PlaneNet(const ModelOptions& options)
    : classes_(options.classes), layers_(builder_, options.seed, Init::kUniform) {
  const Shape& s = options.input;
  input_ = {builder_.input("x", ElementType::kFloat32, {-1, s[0], s[1], s[2]}), s[0], s[1], s[2]};
}

Plane PlaneNet::conv(const Plane& src, const Conv& c) {
  const std::int64_t pad = c.pad < 0 ? c.kernel / 2 : c.pad;
  const auto size = [&](std::int64_t from) { return (from + 2 * pad - c.kernel) / c.stride + 1; };
  return {layers_.conv(src.value, {.in = src.channels,
                                   .out = c.out,
                                   .kernel = c.kernel,
                                   .stride = c.stride,
                                   .pad = pad,
                                   .group = c.group,
                                   .bias = c.bias}),
          c.out, size(src.height), size(src.width)};
}

Plane PlaneNet::norm(const Plane& src) {
  Plane out = src;
  out.value = layers_.batch_norm(src.value, src.channels);
  return out;
}

Plane PlaneNet::act(const Plane& src, const std::string& op) {
  Plane out = src;
  out.value = builder_.node(op, {src.value});
  return out;
}

Plane PlaneNet::silu(const Plane& src) {
  Plane out = src;
  out.value = builder_.node("Mul", {src.value, builder_.node("Sigmoid", {src.value})});
  return out;
}

Plane PlaneNet::max_pool(const Plane& src, std::int64_t kernel, std::int64_t stride,
                         std::int64_t pad) {
  const auto size = [&](std::int64_t from) { return (from + 2 * pad - kernel) / stride + 1; };
  return {builder_.node("MaxPool", {src.value},
                        {{"kernel_shape", Integers{kernel, kernel}},
                         {"pads", Integers(4, pad)},
                         {"strides", Integers{stride, stride}}}),
          src.channels, size(src.height), size(src.width)};
}

Plane PlaneNet::average_pool(const Plane& src, std::int64_t size) {
  return {
      builder_.node("AveragePool", {src.value},
                    {{"kernel_shape", Integers{size, size}}, {"strides", Integers{size, size}}}),
      src.channels, src.height / size, src.width / size};
}

Plane PlaneNet::global_pool(const Plane& src) {
  return {builder_.node("GlobalAveragePool", {src.value}), src.channels, 1, 1};
}

Plane PlaneNet::add(const Plane& a, const Plane& b) {
  Plane out = a;
  out.value = builder_.node("Add", {a.value, b.value});
  return out;
}

Plane PlaneNet::concat(const std::vector<Plane>& planes) {
  Plane out = planes.front();
  out.channels = 0;
  std::vector<std::string> names;
  for (const Plane& plane : planes) {
    names.push_back(plane.value);
    out.channels += plane.channels;
  }
  out.value = builder_.node("Concat", std::move(names), {{"axis", std::int64_t{1}}});
  return out;
}

std::pair<Plane, Plane> PlaneNet::split(const Plane& src, std::int64_t channels) {
  Tensor sizes(ElementType::kInt64, {2});
  sizes.data<std::int64_t>()[0] = channels;
  sizes.data<std::int64_t>()[1] = src.channels - channels;
  const auto names =
      builder_.nodes("Split", {src.value, builder_.constant("split.sizes", std::move(sizes))}, 2,
                     {{"axis", std::int64_t{1}}});
  return {{names[0], channels, src.height, src.width},
          {names[1], src.channels - channels, src.height, src.width}};
}

Plane PlaneNet::excite(const Plane& src, std::int64_t inner, bool silu) {
  Plane mean = conv(global_pool(src), {.out = inner, .kernel = 1, .bias = true});
  mean = silu ? this->silu(mean) : relu(mean);
  const Plane weight = act(conv(mean, {.out = src.channels, .kernel = 1, .bias = true}), "Sigmoid");
  Plane out = src;
  out.value = builder_.node("Mul", {src.value, weight.value});
  return out;
}

Plane PlaneNet::shortcut(const Plane& src, std::int64_t out, std::int64_t stride, bool norm) {
  if (stride == 1 && src.channels == out) return src;
  const Plane projected = conv(src, {.out = out, .kernel = 1, .stride = stride});
  return norm ? this->norm(projected) : projected;
}

std::string PlaneNet::dense_relu(const std::string& src, std::int64_t in, std::int64_t out) {
  return layers_.relu(layers_.dense(src, in, out, 2));
}

Result<Graph> PlaneNet::classify(const Plane& src, float dropout) {
  return classify(layers_.dropout(flatten(global_pool(src)), dropout), src.channels);
}

Result<Graph> PlaneNet::classify(const std::string& vector, std::int64_t in) {
  builder_.output(layers_.dense(vector, in, classes_, 1), "logits");
  return std::move(builder_).build();
}

}  // namespace tenbin

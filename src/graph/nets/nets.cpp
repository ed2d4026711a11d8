// SPDX-License-Identifier: Apache-2.0
#include "graph/nets/nets.h"

#include <string>

#include "graph/nets/layers.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostUnits = 1 << 20;

Status check_sizes(std::initializer_list<std::int64_t> sizes) {
  for (const std::int64_t size : sizes) {
    if (size >= 1 && size <= kMostUnits) continue;
    return Error(ErrorCode::kBadValue, "size of " + std::to_string(size) + ", expected 1 to " +
                                           std::to_string(kMostUnits));
  }
  return {};
}

Status check_share(float share) {
  if (share >= 0 && share < 1) return {};
  return Error(ErrorCode::kBadValue,
               "dropout of " + std::to_string(share) + ", expected 0 to less than 1");
}

struct Plane {
  std::string value;
  std::int64_t channels = 0, height = 0, width = 0;
};

Status add_stage(Layers& layers, const CnnStage& stage, const CnnShape& shape, Plane& plane) {
  TENBIN_CHECK(check_sizes({stage.channels, stage.kernel}));
  const std::int64_t pad = stage.pad ? stage.kernel / 2 : 0;
  for (std::int64_t i = 0; i < stage.convolutions; ++i) {
    plane.value = layers.conv(plane.value, {.in = plane.channels,
                                            .out = stage.channels,
                                            .kernel = stage.kernel,
                                            .pad = pad,
                                            .bias = !shape.batch_norm});
    plane.channels = stage.channels;
    plane.height += 2 * pad - stage.kernel + 1;
    plane.width += 2 * pad - stage.kernel + 1;
    if (shape.batch_norm) plane.value = layers.batch_norm(plane.value, plane.channels);
    plane.value = layers.relu(plane.value);
  }
  if (stage.pool) {
    plane.value = layers.max_pool(plane.value, 2);
    plane.height /= 2;
    plane.width /= 2;
  }
  plane.value = layers.dropout(plane.value, shape.stage_dropout);
  if (plane.height >= 1 && plane.width >= 1) return {};
  return Error(ErrorCode::kBadShape, "the plane vanishes: too many stages for this image size");
}

}  // namespace

Result<Graph> make_mlp(std::int64_t in, const std::vector<std::int64_t>& hidden, std::int64_t out,
                       std::uint64_t seed, float dropout) {
  TENBIN_CHECK(check_sizes({in, out}));
  TENBIN_CHECK(check_share(dropout));
  GraphBuilder builder("mlp");
  Layers layers(builder, seed);
  std::string value = builder.input("x", ElementType::kFloat32, {-1, in});
  for (const std::int64_t units : hidden) {
    TENBIN_CHECK(check_sizes({units}));
    value = layers.dropout(layers.relu(layers.dense(value, in, units, 2)), dropout);
    in = units;
  }
  builder.output(layers.dense(value, in, out, 1), "logits");
  return std::move(builder).build();
}

CnnShape cnn_28() {
  CnnShape shape;
  shape.stages = {{.channels = 32}, {.channels = 64}};
  shape.dense = {128};
  return shape;
}

CnnShape lenet() {
  CnnShape shape;
  shape.stages = {{.channels = 6, .kernel = 5, .pad = false},
                  {.channels = 16, .kernel = 5, .pad = false}};
  shape.dense = {120, 84};
  return shape;
}

CnnShape cnn_28_normalised() {
  CnnShape shape = cnn_28();
  shape.batch_norm = true;
  shape.dense_dropout = 0.25f;
  return shape;
}

Result<Graph> make_cnn(std::int64_t channels, std::int64_t height, std::int64_t width,
                       std::int64_t classes, const CnnShape& shape, std::uint64_t seed) {
  TENBIN_CHECK(check_sizes({channels, height, width, classes}));
  TENBIN_CHECK(check_share(shape.stage_dropout));
  TENBIN_CHECK(check_share(shape.dense_dropout));
  GraphBuilder builder("cnn");
  Layers layers(builder, seed);
  Plane plane{builder.input("x", ElementType::kFloat32, {-1, channels, height, width}), channels,
              height, width};
  for (const CnnStage& stage : shape.stages) {
    TENBIN_CHECK(add_stage(layers, stage, shape, plane));
  }
  if (shape.global_pool) {
    plane.value = builder.node("GlobalAveragePool", {plane.value});
    plane.height = plane.width = 1;
  }
  std::string value = builder.node("Flatten", {plane.value});
  std::int64_t in = plane.channels * plane.height * plane.width;
  for (const std::int64_t units : shape.dense) {
    TENBIN_CHECK(check_sizes({units}));
    value = layers.dense(layers.dropout(value, shape.dense_dropout), in, units, 2);
    value = layers.relu(value);
    in = units;
  }
  builder.output(layers.dense(layers.dropout(value, shape.dense_dropout), in, classes, 1),
                 "logits");
  return std::move(builder).build();
}

}  // namespace tenbin

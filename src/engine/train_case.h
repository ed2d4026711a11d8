// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/train.h"
#include "platform/random.h"

namespace tenbin {

// Rows of noise with labels and targets of noise, for tests of training.
struct TrainCase {
  std::vector<float> features;
  std::vector<std::int64_t> labels;
  std::vector<float> targets;
  std::int64_t rows = 0;
  Batch batch() const { return first(rows); }
  Batch first(std::int64_t some) const { return {some, features, labels, targets, {}}; }
};

// For a network whose input is [batch, ...] and which has `classes` outputs.
inline TrainCase random_case(const Graph& graph, std::int64_t rows, std::int64_t classes,
                             std::uint64_t seed = 11) {
  TrainCase c;
  c.rows = rows;
  Random random(seed);
  Shape shape = graph.inputs.front().shape;
  shape[0] = rows;
  c.features.resize(static_cast<std::size_t>(count_of(shape)));
  for (float& x : c.features) x = static_cast<float>(random.normal());
  for (std::int64_t i = 0; i < rows; ++i) {
    c.labels.push_back(
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(classes))));
  }
  c.targets.resize(static_cast<std::size_t>(rows * classes));
  for (float& y : c.targets) y = static_cast<float>(random.normal());
  return c;
}

// Over all weights of two versions of one network.
inline double largest_difference(const Graph& a, const Graph& b) {
  double most = 0;
  for (const auto& [name, tensor] : a.initializers) {
    if (tensor.type() != ElementType::kFloat32) continue;
    const auto x = tensor.data<float>();
    const auto y = b.initializers.at(name).data<float>();
    for (std::size_t i = 0; i < x.size(); ++i) {
      most = std::max(most, std::fabs(static_cast<double>(x[i]) - static_cast<double>(y[i])));
    }
  }
  return most;
}

}  // namespace tenbin

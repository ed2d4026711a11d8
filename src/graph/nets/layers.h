// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "graph/builder.h"

namespace tenbin {

// How fresh weights are drawn. kNormal: variance gain / inputs, biases zero (He et al. 2015).
// kUniform: weights and biases of U(-1/sqrt(inputs), 1/sqrt(inputs)), as PyTorch draws them.
enum class Init { kNormal, kUniform };

// Adds layers with fresh weights to a graph. Each weight tensor draws from its own random stream,
// so a change of one layer leaves the others as they were.
class Layers {
 public:
  Layers(GraphBuilder& builder, std::uint64_t seed, Init init = Init::kNormal)
      : b_(builder), seed_(seed), init_(init) {}

  struct Conv {
    std::int64_t in = 1, out = 1, kernel = 3, stride = 1, pad = 0, group = 1;
    bool bias = true;
  };
  std::string conv(const std::string& src, const Conv& conv);
  // Over the last axis of [batch, channels, length]; zeros before and after.
  struct Conv1d {
    std::int64_t in = 1, out = 1, kernel = 3, dilation = 1, before = 0, after = 0;
  };
  std::string conv1d(const std::string& src, const Conv1d& conv);
  std::string batch_norm(const std::string& src, std::int64_t channels);
  std::string relu(const std::string& src) { return b_.node("Relu", {src}); }
  std::string max_pool(const std::string& src, std::int64_t size);
  // Share `ratio` dropped while training; nothing is added for 0.
  std::string dropout(const std::string& src, float ratio);
  // `gain`: variance times inputs, 2 before a ReLU and 1 before logits.
  std::string dense(const std::string& src, std::int64_t in, std::int64_t out, double gain);
  // The same on the last axis of any rank, as a product and a sum.
  std::string project(const std::string& src, std::int64_t in, std::int64_t out);
  // Over the last axis, with a scale and a shift.
  std::string layer_norm(const std::string& src, std::int64_t size);
  // A weight of U(-bound, bound), whatever the way of drawing.
  std::string uniform(const std::string& name, Shape shape, double bound);
  // A weight of one value.
  std::string filled(const std::string& name, std::int64_t size, float value);

 private:
  std::string weight(const std::string& name, Shape shape, std::int64_t fan_in, double gain);
  std::string bias(const std::string& name, std::int64_t size, std::int64_t fan_in);

  GraphBuilder& b_;
  std::uint64_t seed_;
  Init init_;
  std::uint64_t stream_ = 0;
};

}  // namespace tenbin

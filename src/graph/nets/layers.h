// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "graph/builder.h"

namespace tenbin {

// Adds layers with fresh weights to a graph. Each weight tensor draws from its own random stream,
// so a change of one layer leaves the others as they were.
class Layers {
 public:
  Layers(GraphBuilder& builder, std::uint64_t seed) : b_(builder), seed_(seed) {}

  struct Conv {
    std::int64_t in = 1, out = 1, kernel = 3, stride = 1, pad = 0, group = 1;
    bool bias = true;
  };
  std::string conv(const std::string& src, const Conv& conv);
  std::string batch_norm(const std::string& src, std::int64_t channels);
  std::string relu(const std::string& src) { return b_.node("Relu", {src}); }
  std::string max_pool(const std::string& src, std::int64_t size);
  // Share `ratio` dropped while training; nothing is added for 0.
  std::string dropout(const std::string& src, float ratio);
  // `gain`: variance times inputs, 2 before a ReLU and 1 before logits.
  std::string dense(const std::string& src, std::int64_t in, std::int64_t out, double gain);

 private:
  Tensor normal(Shape shape, std::int64_t fan_in, double gain);
  std::string filled(const std::string& name, std::int64_t size, float value);

  GraphBuilder& b_;
  std::uint64_t seed_;
  std::uint64_t stream_ = 0;
};

}  // namespace tenbin

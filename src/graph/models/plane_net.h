// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graph/models/model.h"
#include "graph/nets/layers.h"

namespace tenbin {

// A value on its way through a network for images, with what the next layer must know of it.
struct Plane {
  std::string value;
  std::int64_t channels = 0, height = 0, width = 0;
};

// Writes a network for images layer by layer: input "x" [batch, channels, height, width], weights
// drawn as PyTorch draws them.
class PlaneNet {
 public:
  explicit PlaneNet(const ModelOptions& options);

  Plane input() const { return input_; }

  // Zeros around as many as keep an odd kernel's plane at stride 1, unless `pad` says otherwise.
  struct Conv {
    std::int64_t out = 0, kernel = 3, stride = 1, group = 1;
    bool bias = false;
    std::int64_t pad = -1;  // -1: kernel / 2
  };
  Plane conv(const Plane& src, const Conv& conv);
  Plane conv_norm(const Plane& src, const Conv& conv) { return norm(this->conv(src, conv)); }
  Plane conv_norm_relu(const Plane& src, const Conv& c) { return relu(conv_norm(src, c)); }
  Plane norm(const Plane& src);
  Plane relu(const Plane& src) { return act(src, "Relu"); }
  Plane norm_relu(const Plane& src) { return relu(norm(src)); }
  Plane silu(const Plane& src);  // x * sigmoid(x)
  Plane max_pool(const Plane& src, std::int64_t kernel, std::int64_t stride, std::int64_t pad = 0);
  Plane average_pool(const Plane& src, std::int64_t size);
  Plane global_pool(const Plane& src);
  Plane add(const Plane& a, const Plane& b);
  Plane concat(const std::vector<Plane>& planes);
  // The first `channels` channels, and the rest.
  std::pair<Plane, Plane> split(const Plane& src, std::int64_t channels);
  // Squeeze and excitation (Hu et al. 2018): channels weighted by what their means say. `silu`: the
  // function between its two layers, else ReLU.
  Plane excite(const Plane& src, std::int64_t inner, bool silu);

  // The shortcut of a residual block: as it is, or a 1x1 convolution (and norm) where sizes change.
  Plane shortcut(const Plane& src, std::int64_t out, std::int64_t stride, bool norm = true);

  // Flattened to a dense layer of `out`, with a ReLU.
  std::string dense_relu(const std::string& src, std::int64_t in, std::int64_t out);
  // Mean of each channel, then one dense layer to the classes.
  Result<Graph> classify(const Plane& src, float dropout = 0);
  // One dense layer from a vector of `in` values.
  Result<Graph> classify(const std::string& vector, std::int64_t in);
  std::string flatten(const Plane& src) { return builder_.node("Flatten", {src.value}); }

  Layers& layers() { return layers_; }

 private:
  Plane act(const Plane& src, const std::string& op);

  std::int64_t classes_;
  GraphBuilder builder_;
  Layers layers_;
  Plane input_;
};

// `channels` scaled by a factor, to a multiple of eight that is at least eight.
std::int64_t scaled_width(std::int64_t channels, double factor);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/window.h"

namespace tenbin {

// A convolution whose operands fit: [batch, channels, ...] by [out, channels / groups, ...].
struct Convolution {
  Window window;
  std::int64_t batch = 0, in_channels = 0, out_channels = 0, groups = 1;
  Shape shape;  // of the result
};

// Error kBadShape.
Result<Convolution> convolution_of(const OpCall& call, const Shape& src, const Shape& weights);

// Calls store(i, channel, sum) for each element i of the result.
template <class T, class Sum, class F>
void convolve(const Convolution& c, std::span<const T> src, std::span<const T> weights, F&& store) {
  const std::int64_t in_plane = count_of(c.window.in), out_plane = count_of(c.window.out);
  const std::int64_t taps = c.window.taps(), each = c.in_channels / c.groups;
  const std::int64_t per_group = c.out_channels / c.groups;
  WindowWalk walk(c.window);
  for (std::int64_t place = 0; walk.next(); ++place) {
    for (std::int64_t b = 0; b < c.batch; ++b) {
      for (std::int64_t o = 0; o < c.out_channels; ++o) {
        const T* x = src.data() + (b * c.in_channels + o / per_group * each) * in_plane;
        const T* w = weights.data() + o * each * taps;
        Sum sum{0};
        for (std::int64_t p = 0; p < each; ++p, x += in_plane, w += taps) {
          for (const Tap& tap : walk.taps()) {
            sum += static_cast<Sum>(x[tap.pixel]) * static_cast<Sum>(w[tap.tap]);
          }
        }
        store(static_cast<std::size_t>((b * c.out_channels + o) * out_plane + place),
              static_cast<std::size_t>(o), sum);
      }
    }
  }
}

}  // namespace tenbin

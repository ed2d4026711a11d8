// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graph/models/plane_net.h"

namespace tenbin {

// Two 3x3 convolutions beside a shortcut (He et al. 2016).
Plane basic_block(PlaneNet& net, const Plane& src, std::int64_t out, std::int64_t stride);

// The same with normalisation and ReLU before each convolution; `excited`: channels weighted before
// the sum, by an inner layer of a sixteenth.
Plane preactivated_block(PlaneNet& net, const Plane& src, std::int64_t out, std::int64_t stride,
                         bool excited);

// Two blocks each of 64, 128, 256, 512 channels, halving the plane between.
template <class Block> Plane four_stages(Plane plane, Block block) {
  for (const std::int64_t out : {64, 128, 256, 512}) {
    plane = block(plane, out, out == 64 ? 1 : 2);
    plane = block(plane, out, 1);
  }
  return plane;
}

}  // namespace tenbin

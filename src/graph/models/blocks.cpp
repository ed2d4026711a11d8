// SPDX-License-Identifier: Apache-2.0
#include "graph/models/blocks.h"

namespace tenbin {

Plane basic_block(PlaneNet& net, const Plane& src, std::int64_t out, std::int64_t stride) {
  const Plane inner = net.conv_norm_relu(src, {.out = out, .stride = stride});
  const Plane sum = net.conv_norm(inner, {.out = out});
  return net.relu(net.add(sum, net.shortcut(src, out, stride)));
}

Plane preactivated_block(PlaneNet& net, const Plane& src, std::int64_t out, std::int64_t stride,
                         bool excited) {
  const bool changes = stride != 1 || src.channels != out;
  const Plane active = net.norm_relu(src);
  Plane inner = net.conv(active, {.out = out, .stride = stride});
  inner = net.conv(net.norm_relu(inner), {.out = out});
  if (excited) inner = net.excite(inner, out / 16, false);
  return net.add(inner, changes ? net.shortcut(active, out, stride, false) : src);
}

}  // namespace tenbin

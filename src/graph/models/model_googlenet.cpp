// SPDX-License-Identifier: Apache-2.0
#include "graph/models/plane_net.h"

namespace tenbin {
namespace {

// Widths of one module: 1x1; 3x3 and what it reduces to before; two 3x3 likewise; after pooling.
struct Inception {
  std::int64_t one, reduce3, three, reduce5, five, pooled;
};
constexpr Inception kFirst[] = {{64, 96, 128, 16, 32, 32}, {128, 128, 192, 32, 96, 64}};
constexpr Inception kSecond[] = {{192, 96, 208, 16, 48, 64},
                                 {160, 112, 224, 24, 64, 64},
                                 {128, 128, 256, 24, 64, 64},
                                 {112, 144, 288, 32, 64, 64},
                                 {256, 160, 320, 32, 128, 128}};
constexpr Inception kThird[] = {{256, 160, 320, 32, 128, 128}, {384, 192, 384, 48, 128, 128}};

Plane inception(PlaneNet& net, const Plane& src, const Inception& i) {
  const auto layer = [&net](const Plane& from, std::int64_t out, std::int64_t kernel) {
    return net.conv_norm_relu(from, {.out = out, .kernel = kernel, .bias = true});
  };
  const Plane one = layer(src, i.one, 1);
  const Plane three = layer(layer(src, i.reduce3, 1), i.three, 3);
  const Plane five = layer(layer(layer(src, i.reduce5, 1), i.five, 3), i.five, 3);
  const Plane pooled = layer(net.max_pool(src, 3, 1, 1), i.pooled, 1);
  return net.concat({one, three, five, pooled});
}

Result<Graph> build(const ModelOptions& options) {
  PlaneNet net(options);
  Plane p = net.conv_norm_relu(net.input(), {.out = 192, .bias = true});
  for (const Inception& module : kFirst) p = inception(net, p, module);
  p = net.max_pool(p, 3, 2, 1);
  for (const Inception& module : kSecond) p = inception(net, p, module);
  p = net.max_pool(p, 3, 2, 1);
  for (const Inception& module : kThird) p = inception(net, p, module);
  return net.classify(p);
}

}  // namespace

const ModelEntry& model_googlenet();
const ModelEntry& model_googlenet() {
  static const ModelEntry entry{"googlenet",
                                "GoogLeNet",
                                "Inception modules of four branches (Szegedy et al. 2015, arXiv "
                                "1409.4842), for small images.",
                                "channels x height x width",
                                {3, 32, 32},
                                {},
                                build};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "compress/weight_grid.h"

#include <algorithm>
#include <cmath>

#include "compress/layers.h"

namespace tenbin {

Tensor weight_scales(const Tensor& weights, std::size_t axis, int most) {
  const OutputView view = outputs_of(weights.shape(), axis);
  Tensor scales(ElementType::kFloat32, {static_cast<std::int64_t>(view.outputs)});
  const auto from = weights.data<float>();
  const auto largest = scales.data<float>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    float& top = largest[view.output(i)];
    top = std::max(top, std::fabs(from[i]));
  }
  for (float& top : largest) top = top > 0 ? top / static_cast<float>(most) : 1;
  return scales;
}

GridWeights nearest_weights(const Tensor& weights, std::size_t axis, int most) {
  const OutputView view = outputs_of(weights.shape(), axis);
  GridWeights out{Tensor(ElementType::kInt8, weights.shape()), weight_scales(weights, axis, most),
                  axis};
  const auto from = weights.data<float>();
  const auto scales = out.scales.data<float>();
  const auto bound = static_cast<float>(most);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const float steps = std::nearbyint(from[i] / scales[view.output(i)]);
    out.values.data<std::int8_t>()[i] = static_cast<std::int8_t>(std::clamp(steps, -bound, bound));
  }
  return out;
}

Tensor floats_of(const GridWeights& weights) {
  const OutputView view = outputs_of(weights.values.shape(), weights.axis);
  Tensor out(ElementType::kFloat32, weights.values.shape());
  const auto steps = weights.values.data<std::int8_t>();
  const auto scales = weights.scales.data<float>();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    out.data<float>()[i] = static_cast<float>(steps[i]) * scales[view.output(i)];
  }
  return out;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "compress/weight_grid.h"

#include <algorithm>
#include <cmath>
#include <utility>

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

GridWeights steps_of(const Tensor& weights, std::size_t axis, Tensor scales) {
  const OutputView view = outputs_of(weights.shape(), axis);
  GridWeights out{Tensor(ElementType::kInt8, weights.shape()), std::move(scales), axis};
  const auto from = weights.data<float>();
  const auto step = out.scales.data<float>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const float steps = std::nearbyint(from[i] / step[view.output(i)]);
    out.values.data<std::int8_t>()[i] =
        static_cast<std::int8_t>(std::clamp(steps, -128.0F, 127.0F));
  }
  return out;
}

// The largest of each output lies on the last step, so none is cut.
GridWeights nearest_weights(const Tensor& weights, std::size_t axis, int most) {
  return steps_of(weights, axis, weight_scales(weights, axis, most));
}

GridBias store_bias(const Tensor& bias, float src_scale, const Tensor& weight_scales) {
  GridBias out{Tensor(ElementType::kInt32, weight_scales.shape()),
               Tensor(ElementType::kFloat32, weight_scales.shape())};
  for (std::size_t o = 0; o < weight_scales.data<float>().size(); ++o) {
    const float unit = src_scale * weight_scales.data<float>()[o];
    out.units.data<float>()[o] = unit;
    const double exact = static_cast<double>(bias.data<float>()[o]) / static_cast<double>(unit);
    out.steps.data<std::int32_t>()[o] =
        static_cast<std::int32_t>(std::clamp(std::nearbyint(exact), -2147483647.0, 2147483647.0));
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

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "engine/typed.h"

namespace tenbin {

// Distance of neighbours along each axis [elements], row-major.
std::vector<std::int64_t> strides_of(const Shape& shape);

// Where along axis `axis` of the source element `i` of the result comes from; -1: it is filled.
using AxisPlace = std::function<std::int64_t(std::size_t axis, std::int64_t i)>;

// A tensor of another shape and the same rank whose elements come from `in`, each axis on its own:
// slices, repeats, borders. `fill` has one element of in's type, or is null when nothing is
// filled; then every place must be inside. Errors kTooLarge, kBadShape: a shape past the limits.
Result<Tensor> picked(const Tensor& in, const Shape& shape, const AxisPlace& place,
                      const Tensor* fill = nullptr);

// The same elements with ones in front of the shape, up to a rank.
Tensor with_rank(Tensor in, std::size_t rank);

}  // namespace tenbin

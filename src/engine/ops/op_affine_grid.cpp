// SPDX-License-Identifier: Apache-2.0
#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// Middle of pixel i of `size` in [-1, 1], or with its corners at the ends.
double place_of(std::int64_t i, std::int64_t size, bool corners) {
  const auto x = static_cast<double>(i), n = static_cast<double>(size);
  if (corners) return size == 1 ? 0 : 2 * x / (n - 1) - 1;
  return (2 * x + 1) / n - 1;
}

// `sizes` are those of an image [batch, channels, (depth,) height, width].
template <class T> Outputs grid(const OpCall& call, const Tensor& theta, const Shape& sizes) {
  const bool corners = call.integer("align_corners", 0) != 0;
  const std::size_t rank = sizes.size() - 2;
  Shape shape = {sizes[0]};
  shape.insert(shape.end(), sizes.begin() + 2, sizes.end());
  shape.push_back(static_cast<std::int64_t>(rank));
  TENBIN_TRY(Tensor out, checked_tensor(theta.type(), shape));
  const auto rows = theta.data<T>();
  const std::int64_t plane = count_of(Shape(sizes.begin() + 2, sizes.end()));
  auto to = out.data<T>().begin();
  for (std::int64_t i = 0; i < sizes[0] * plane; ++i) {
    double place[4] = {0, 0, 0, 1};  // (x, y, z) and the one that moves
    place[rank] = 1;
    std::int64_t rest = i % plane;
    for (std::size_t d = 0; d < rank; ++d) {  // the last axis is x
      const std::int64_t size = sizes[sizes.size() - 1 - d];
      place[d] = place_of(rest % size, size, corners);
      rest /= size;
    }
    const auto first = static_cast<std::size_t>(i / plane) * rank * (rank + 1);
    for (std::size_t r = 0; r < rank; ++r) {
      double sum = 0;
      for (std::size_t c = 0; c <= rank; ++c) {
        sum += static_cast<double>(rows[first + r * (rank + 1) + c]) * place[c];
      }
      *to++ = static_cast<T>(sum);
    }
  }
  return one(std::move(out));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& theta = *inputs[0];
  TENBIN_TRY(const Shape sizes, integers_of(call, *inputs[1]));
  const auto rank = static_cast<std::int64_t>(sizes.size()) - 2;
  const bool fits = (rank == 2 || rank == 3) && theta.shape() == Shape{sizes[0], rank, rank + 1};
  if (!fits) {
    return bad_operands(call, "theta " + to_text(theta.shape()) + " for " + to_text(sizes));
  }
  TENBIN_CHECK(element_count(sizes));
  return typed(call, theta.type(), kReals, [&]<class T>() { return grid<T>(call, theta, sizes); });
}

}  // namespace

const OpEntry& op_affine_grid() {
  static const OpEntry entry{
      "",      {"AffineGrid"}, "Where each pixel of a moved image comes from.",
      compute, nullptr,        nullptr};
  return entry;
}

}  // namespace tenbin

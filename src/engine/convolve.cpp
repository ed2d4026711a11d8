// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve.h"

namespace tenbin {

Result<Convolution> convolution_of(const OpCall& call, const Shape& src, const Shape& weights) {
  Convolution c;
  c.groups = call.integer("group", 1);
  const auto wrong = [&] {
    return bad_operands(call, "input " + to_text(src) + " and weights " + to_text(weights) +
                                  " in " + std::to_string(c.groups) + " groups");
  };
  if (src.size() < 3 || weights.size() != src.size() || c.groups < 1) return wrong();
  const std::vector<std::int64_t> kernel(weights.begin() + 2, weights.end());
  if (call.integers("kernel_shape", kernel) != kernel) {
    return bad_operands(call, "kernel_shape that is not that of weights " + to_text(weights));
  }
  TENBIN_TRY(c.window, window_of(call, src, kernel));
  c.batch = src[0];
  c.in_channels = src[1];
  c.out_channels = weights[0];
  if (c.in_channels % c.groups != 0 || weights[1] != c.in_channels / c.groups ||
      c.out_channels % c.groups != 0) {
    return wrong();
  }
  c.shape = {c.batch, c.out_channels};
  c.shape.insert(c.shape.end(), c.window.out.begin(), c.window.out.end());
  return c;
}

}  // namespace tenbin

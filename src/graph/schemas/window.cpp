// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/window.h"

#include <string>

#include "base/limits.h"

namespace tenbin {

Result<std::vector<std::int64_t>> window_attribute(const InferCall& call, const char* name,
                                                   std::size_t rank, std::int64_t fallback,
                                                   std::int64_t least) {
  std::vector<std::int64_t> values = call.call.integers(name);
  if (values.empty()) values.assign(rank, fallback);
  if (values.size() != rank) {
    return call.bad_shape(std::string(name) + " of " + std::to_string(values.size()) +
                          " values, expected " + std::to_string(rank));
  }
  for (const std::int64_t value : values) {
    if (value < least || value > limits::kTensorElements) {
      return call.bad_shape(std::string(name) + " of " + std::to_string(value) +
                            ", expected at least " + std::to_string(least));
    }
  }
  return values;
}

Result<Shape> window_shape(const InferCall& call, std::span<const std::int64_t> spatial,
                           std::span<const std::int64_t> kernel) {
  const std::size_t rank = spatial.size();
  if (kernel.size() != rank) {
    return call.bad_shape("kernel of rank " + std::to_string(kernel.size()) + ", expected " +
                          std::to_string(rank));
  }
  TENBIN_TRY(const auto strides, window_attribute(call, "strides", rank, 1, 1));
  TENBIN_TRY(const auto dilations, window_attribute(call, "dilations", rank, 1, 1));
  TENBIN_TRY(const auto pads, window_attribute(call, "pads", 2 * rank, 0, 0));
  const std::string auto_pad = call.call.text("auto_pad", "NOTSET");
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  const bool explicit_pads = auto_pad.empty() || auto_pad == "NOTSET";
  if (!same && !explicit_pads && auto_pad != "VALID") {
    return call.bad_shape("auto_pad '" + auto_pad +
                          "', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
  }
  const bool ceil_mode = call.call.integer("ceil_mode", 0) != 0;
  Shape out(rank, -1);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t size = spatial[i];
    if (size < 0 || kernel[i] < 0) continue;
    if (same) {
      out[i] = (size + strides[i] - 1) / strides[i];
      continue;
    }
    std::int64_t reach = 0;
    const std::int64_t pad = explicit_pads ? pads[i] + pads[i + rank] : 0;
    if (kernel[i] < 1 || __builtin_mul_overflow(kernel[i] - 1, dilations[i], &reach) ||
        reach >= size + pad) {
      return call.bad_shape("window of " + std::to_string(kernel[i]) + " (dilation " +
                            std::to_string(dilations[i]) + ") over " + std::to_string(size) +
                            " with padding " + std::to_string(pad));
    }
    const std::int64_t room = size + pad - reach - 1;
    out[i] = (ceil_mode ? (room + strides[i] - 1) / strides[i] : room / strides[i]) + 1;
    // A window that would start in the padding behind the input is left out.
    if (ceil_mode && (out[i] - 1) * strides[i] >= size + (explicit_pads ? pads[i] : 0)) --out[i];
  }
  return out;
}

}  // namespace tenbin

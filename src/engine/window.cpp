// SPDX-License-Identifier: Apache-2.0
#include "engine/window.h"

#include "base/limits.h"
#include "graph/schemas/window.h"

namespace tenbin {

Result<Window> window_of(const OpCall& call, const Shape& src, std::vector<std::int64_t> kernel) {
  if (src.size() < 3) {
    return bad_operands(call, "shape " + to_text(src) + ", expected [batch, channels, ...spatial]");
  }
  const InferCall rule{call, {}, {}};
  Window w;
  w.in.assign(src.begin() + 2, src.end());
  w.kernel = std::move(kernel);
  TENBIN_TRY(w.out, window_shape(rule, w.in, w.kernel));
  const std::size_t rank = w.in.size();
  TENBIN_TRY(w.strides, window_attribute(rule, "strides", rank, 1, 1));
  TENBIN_TRY(w.dilations, window_attribute(rule, "dilations", rank, 1, 1));
  TENBIN_TRY(const auto pads, window_attribute(rule, "pads", 2 * rank, 0, 0));
  const std::string automatic = call.text("auto_pad", "NOTSET");
  std::int64_t taps = 1;
  for (std::size_t d = 0; d < rank; ++d) {
    w.before.push_back(automatic == "NOTSET" || automatic.empty() ? pads[d] : 0);
    w.after.push_back(automatic == "NOTSET" || automatic.empty() ? pads[d + rank] : 0);
    if (w.kernel[d] < 1 || __builtin_mul_overflow(taps, w.kernel[d], &taps) ||
        taps > limits::kTensorElements) {
      return bad_operands(call, "kernel " + to_text(w.kernel));
    }
    if (!automatic.starts_with("SAME")) continue;
    const std::int64_t reach = (w.kernel[d] - 1) * w.dilations[d] + 1;
    const std::int64_t total =
        std::max<std::int64_t>(0, (w.out[d] - 1) * w.strides[d] + reach - w.in[d]);
    w.before[d] = automatic == "SAME_LOWER" ? total - total / 2 : total / 2;
    w.after[d] = total - w.before[d];
  }
  return w;
}

WindowWalk::WindowWalk(const Window& window)
    : window_(window), at_(window.out.size(), 0), place_(window.out.size(), 0) {}

bool WindowWalk::next() {
  const std::size_t rank = at_.size();
  if (!started_) {
    started_ = true;
    for (const std::int64_t size : window_.out) {
      if (size < 1) return false;
    }
  } else {
    std::size_t d = rank;
    while (d-- > 0) {
      if (++at_[d] < window_.out[d]) break;
      at_[d] = 0;
      if (d == 0) return false;
    }
  }
  taps_.clear();
  padded_ = 0;
  std::fill(place_.begin(), place_.end(), 0);
  for (std::int64_t tap = 0;; ++tap) {
    std::int64_t pixel = 0;
    bool inside = true, padded = true;
    for (std::size_t d = 0; d < rank; ++d) {
      const std::int64_t x =
          at_[d] * window_.strides[d] - window_.before[d] + place_[d] * window_.dilations[d];
      inside &= x >= 0 && x < window_.in[d];
      padded &= x < window_.in[d] + window_.after[d];
      pixel = pixel * window_.in[d] + x;
    }
    if (inside) taps_.push_back({tap, pixel});
    padded_ += padded ? 1 : 0;
    std::size_t d = rank;
    while (d-- > 0) {
      if (++place_[d] < window_.kernel[d]) break;
      place_[d] = 0;
      if (d == 0) return true;
    }
  }
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/typed.h"

namespace tenbin {

// A window that moves over the spatial axes of [batch, channels, ...spatial] (ONNX Conv, MaxPool).
struct Window {
  Shape in, out;  // spatial sizes
  std::vector<std::int64_t> kernel, strides, dilations;
  std::vector<std::int64_t> before, after;  // padding of each axis; SAME_* is worked out

  std::int64_t taps() const { return count_of(kernel); }
};

// From the attributes of a call. Error kBadShape: they do not fit the input.
Result<Window> window_of(const OpCall& call, const Shape& src, std::vector<std::int64_t> kernel);

// A place of the window that lies inside the source.
struct Tap {
  std::int64_t tap;    // number in the kernel, row-major
  std::int64_t pixel;  // number in the source's plane, row-major
};

// The places of the window for each element of a plane of the result, in order; `taps` is reused.
class WindowWalk {
 public:
  explicit WindowWalk(const Window& window);
  // Fills taps() for the next position; false after the last one.
  bool next();
  const std::vector<Tap>& taps() const { return taps_; }
  // Places that lie in the source or its padding: what an average over padding counts.
  std::int64_t padded_taps() const { return padded_; }

 private:
  const Window& window_;
  std::vector<std::int64_t> at_, place_;
  std::vector<Tap> taps_;
  std::int64_t padded_ = 0;
  bool started_ = false;
};

}  // namespace tenbin

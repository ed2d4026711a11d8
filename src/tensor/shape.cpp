// SPDX-License-Identifier: Apache-2.0
#include "tensor/shape.h"

#include <algorithm>

#include "base/limits.h"

namespace tenbin {

bool is_static(const Shape& shape) {
  return std::all_of(shape.begin(), shape.end(), [](std::int64_t size) { return size >= 0; });
}

Result<std::int64_t> element_count(const Shape& shape) {
  if (shape.size() > limits::kTensorRank) {
    return Error(ErrorCode::kTooLarge, "tensor of rank " + std::to_string(shape.size()) +
                                           ", expected at most " +
                                           std::to_string(limits::kTensorRank));
  }
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) return Error(ErrorCode::kBadShape, "shape " + to_text(shape) + " is not known");
    if (__builtin_mul_overflow(count, size, &count) || count > limits::kTensorElements) {
      return Error(ErrorCode::kTooLarge, "shape " + to_text(shape) + " has more than " +
                                             std::to_string(limits::kTensorElements) + " elements");
    }
  }
  return count;
}

std::int64_t count_of(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

std::string to_text(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

Result<Shape> broadcast(const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    std::int64_t& size = out[out.size() - 1 - i];
    if (x == y || y == 1) {
      size = x;
    } else if (x == 1) {
      size = y;
    } else if (x == -1 || y == -1) {
      size = std::max(x, y);
    } else {
      return Error(ErrorCode::kBadShape,
                   "shapes " + to_text(a) + " and " + to_text(b) + " do not broadcast");
    }
  }
  return out;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace tenbin {

// Sizes of a tensor's dimensions, outermost first. -1 stands for a size not known yet (the batch).
using Shape = std::vector<std::int64_t>;

bool is_static(const Shape& shape);  // no -1
// Product of the sizes, 1 for rank 0. Error kTooLarge on overflow or past the limits, kBadShape on
// a size < 0.
Result<std::int64_t> element_count(const Shape& shape);
// The same without checks, for shapes that passed them.
std::int64_t count_of(const Shape& shape);
std::string to_text(const Shape& shape);  // "[-1, 3, 32, 32]"
// The shape two operands broadcast to (ONNX multidirectional rule); -1 broadcasts with 1 and
// equals -1. Error kBadShape.
Result<Shape> broadcast(const Shape& a, const Shape& b);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "engine/dnn/builder.h"

namespace tenbin::dnn {

// Values cut along one axis into pieces, or joined from them, as copies of rows. In row-major
// order, or in blocks of channels where every piece is whole blocks.
struct Cut {
  std::size_t axis = 0;
  std::int64_t outer = 1, inner = 1;  // products of the sizes before and behind the axis
  bool blocked = false;

  Desc layout(const Builder& b, const Shape& shape) const;
};
// `sizes`: of the pieces along the axis; `shape`: of the whole.
Cut cut_along(const Builder& b, const Shape& shape, std::size_t axis,
              std::span<const std::int64_t> sizes);

// Emits the copy of `count` entries of the axis, from entry `src_at` of a value with `src_size`
// entries to entry `dst_at` of one with `dst_size`.
struct Piece {
  std::int64_t count = 0, src_at = 0, src_size = 0, dst_at = 0, dst_size = 0;
  Piece reversed() const { return {count, dst_at, dst_size, src_at, src_size}; }
};
void copy_piece(Builder& b, const Cut& cut, const Piece& piece, const Ref& src, const Ref& dst);
void zero(Builder& b, const Ref& ref);

}  // namespace tenbin::dnn

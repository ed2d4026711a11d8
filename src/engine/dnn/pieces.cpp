// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/pieces.h"

#include <algorithm>
#include <cstring>

namespace tenbin::dnn {
namespace {

// Rows of n[1] floats: dst and src step by n[2] and n[3], beginning at n[4] and n[5].
void copy_rows_kernel(const KernelArgs& a) {
  for (std::int64_t i = 0; i < a.n[0]; ++i) {
    std::memcpy(a.p[0] + a.n[4] + i * a.n[2], a.p[1] + a.n[5] + i * a.n[3],
                static_cast<std::size_t>(a.n[1]) * sizeof(float));
  }
}

void zero_kernel(const KernelArgs& a) { std::memset(a.p[0], 0, static_cast<std::size_t>(a.n[0])); }

}  // namespace

Desc Cut::layout(const Builder& b, const Shape& shape) const {
  if (!blocked) return plain_desc(shape);
  return typed(b.activation(shape), dnnl::memory::data_type::f32);
}

Cut cut_along(const Builder& b, const Shape& shape, std::size_t axis,
              std::span<const std::int64_t> sizes) {
  Cut cut;
  cut.axis = axis;
  for (std::size_t d = 0; d < axis; ++d) cut.outer *= shape[d];
  for (std::size_t d = axis + 1; d < shape.size(); ++d) cut.inner *= shape[d];
  cut.blocked =
      axis == 1 && shape.size() == 4 && b.options().layout == Layout::kBlocked &&
      std::ranges::all_of(sizes, [&](std::int64_t size) { return size % b.channel_block() == 0; });
  return cut;
}

void copy_piece(Builder& b, const Cut& cut, const Piece& piece, const Ref& src, const Ref& dst) {
  KernelArgs args;
  args.n[0] = cut.outer;
  args.n[1] = piece.count * cut.inner;
  args.n[2] = piece.dst_size * cut.inner;
  args.n[3] = piece.src_size * cut.inner;
  args.n[4] = piece.dst_at * cut.inner;
  args.n[5] = piece.src_at * cut.inner;
  b.program().add(copy_rows_kernel, args, {dst, src});
  b.program().adds_to(dst);
}

void zero(Builder& b, const Ref& ref) {
  KernelArgs args;
  args.n[0] = static_cast<std::int64_t>(ref.desc.get_size());
  b.program().add(zero_kernel, args, {ref});
  b.program().adds_to(ref);
}

}  // namespace tenbin::dnn

// SPDX-License-Identifier: Apache-2.0
#include "engine/stack.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"

namespace tenbin {
namespace {

// Copies `rows` pieces of `piece` elements, with other steps between pieces on both sides.
struct Pieces {
  std::int64_t rows = 0, piece = 0;
  std::int64_t from = 0, from_step = 0;
  std::int64_t to = 0, to_step = 0;
};
void copy_pieces(const Tensor& src, Tensor& dst, const Pieces& p) {
  const auto at = [&](std::int64_t begin, std::int64_t step, std::int64_t r) {
    return static_cast<std::size_t>(begin + step * r);
  };
  if (src.is_string()) {
    for (std::int64_t r = 0; r < p.rows; ++r) {
      const auto* first = src.data<std::string>().data() + at(p.from, p.from_step, r);
      std::copy(first, first + p.piece, dst.data<std::string>().data() + at(p.to, p.to_step, r));
    }
    return;
  }
  const std::size_t size = element_size(src.type());
  if (p.piece == 0) return;
  for (std::int64_t r = 0; r < p.rows; ++r) {
    std::memcpy(dst.bytes().data() + at(p.to, p.to_step, r) * size,
                src.bytes().data() + at(p.from, p.from_step, r) * size,
                static_cast<std::size_t>(p.piece) * size);
  }
}

std::int64_t product(const Shape& shape, std::size_t begin, std::size_t end) {
  std::int64_t out = 1;
  for (std::size_t d = begin; d < end; ++d) out *= shape[d];
  return out;
}

}  // namespace

Result<Tensor> join_tensors(const std::vector<std::shared_ptr<const Tensor>>& list,
                            std::int64_t axis, bool new_axis, const std::string& what) {
  if (list.empty()) return Error(ErrorCode::kBadShape, what + " is empty");
  Shape shape = list.front()->shape();
  const auto rank = static_cast<std::int64_t>(shape.size()) + (new_axis ? 1 : 0);
  if (axis < -rank || axis >= rank || rank > static_cast<std::int64_t>(limits::kTensorRank)) {
    return Error(ErrorCode::kBadShape, what + ": axis " + std::to_string(axis) +
                                           " of a result of rank " + std::to_string(rank));
  }
  const auto a = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
  if (new_axis) shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(a), 0);
  shape[a] = 0;
  for (const auto& item : list) {
    Shape other = item->shape();
    if (new_axis)
      other.insert(other.begin() + static_cast<std::ptrdiff_t>(std::min(a, other.size())), 1);
    const std::int64_t size = a < other.size() ? other[a] : 0;
    if (a < other.size()) other[a] = shape[a];
    if (item->type() != list.front()->type() || other != shape) {
      return Error(ErrorCode::kBadShape, what + ": " + std::string(element_name(item->type())) +
                                             " " + to_text(item->shape()) + " beside " +
                                             std::string(element_name(list.front()->type())) + " " +
                                             to_text(list.front()->shape()));
    }
    shape[a] += size;
  }
  TENBIN_CHECK(element_count(shape));
  Tensor out(list.front()->type(), shape);
  const std::int64_t rows = product(shape, 0, a);
  const std::int64_t inner = product(shape, a + 1, shape.size());
  std::int64_t to = 0;
  for (const auto& item : list) {
    const std::int64_t piece = (new_axis ? 1 : item->shape()[a]) * inner;
    copy_pieces(*item, out, {rows, piece, 0, piece, to, shape[a] * inner});
    to += piece;
  }
  return out;
}

std::int64_t tensor_bytes(const Tensor& tensor) {
  constexpr std::int64_t kAround = 128;  // the object, its shape, its allocation
  const auto text = static_cast<std::int64_t>(sizeof(std::string));
  return kAround + (tensor.is_string() ? tensor.count() * text
                                       : static_cast<std::int64_t>(tensor.byte_size()));
}

Status Slices::add(Tensor tensor) {
  bytes_ += tensor_bytes(tensor);
  if (bytes_ > limits::kScanBytes) {
    return Error(ErrorCode::kTooLarge,
                 "slices of a loop of more than " + std::to_string(limits::kScanBytes) + " bytes");
  }
  list_.push_back(std::make_shared<const Tensor>(std::move(tensor)));
  return {};
}

Tensor no_slices(const ValueInfo& slice) {
  Shape shape = {0};
  for (const std::int64_t size : slice.shape) shape.push_back(size < 0 ? 0 : size);
  const bool known = slice.type != ElementType::kUndefined;
  return {known ? slice.type : ElementType::kFloat32, shape};
}

Tensor slice_axis(const Tensor& tensor, std::size_t axis, std::int64_t begin, std::int64_t end) {
  Shape shape = tensor.shape();
  const std::int64_t rows = product(shape, 0, axis);
  const std::int64_t inner = product(shape, axis + 1, shape.size());
  const std::int64_t step = shape[axis] * inner;
  shape[axis] = end - begin;
  Tensor out(tensor.type(), shape);
  const std::int64_t piece = (end - begin) * inner;
  copy_pieces(tensor, out, {rows, piece, begin * inner, step, 0, piece});
  return out;
}

}  // namespace tenbin

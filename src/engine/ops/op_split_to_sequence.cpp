// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/elementwise.h"
#include "engine/stack.h"

namespace tenbin {
namespace {

// Where the pieces end along an axis of `size`.
Result<std::vector<std::int64_t>> ends_of(const OpCall& call, const ValueRef& split,
                                          std::int64_t size) {
  std::vector<std::int64_t> sizes;
  bool equal = true;
  if (split.nothing()) {
    sizes = {1};
  } else if (split.tensor != nullptr && split.tensor->type() == ElementType::kInt64) {
    const auto data = split.tensor->data<std::int64_t>();
    sizes.assign(data.begin(), data.end());
    equal = split.tensor->shape().empty();
  } else if (split.tensor != nullptr && split.tensor->type() == ElementType::kInt32) {
    const auto data = split.tensor->data<std::int32_t>();
    sizes.assign(data.begin(), data.end());
    equal = split.tensor->shape().empty();
  } else {
    return bad_operands(call, "split must be int32 or int64");
  }
  std::vector<std::int64_t> ends;
  if (equal) {
    if (sizes[0] < 1) return bad_operands(call, "pieces of " + std::to_string(sizes[0]));
    for (std::int64_t at = 0; at < size; at += std::min(sizes[0], size - at)) {
      ends.push_back(at + std::min(sizes[0], size - at));
    }
    return ends;
  }
  std::int64_t at = 0;
  for (const std::int64_t piece : sizes) {
    if (piece < 0 || piece > size - at) {
      return bad_operands(call, "pieces do not sum to " + std::to_string(size));
    }
    ends.push_back(at += piece);
  }
  if (at != size) return bad_operands(call, "pieces do not sum to " + std::to_string(size));
  return ends;
}

Result<std::vector<Value>> compute_values(const OpCall& call, OpValues inputs, Bodies&) {
  if (inputs.empty() || inputs[0].tensor == nullptr) {
    return bad_operands(call, "input must be a tensor");
  }
  const Tensor& in = *inputs[0].tensor;
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", 0), in.shape().size()));
  const auto a = static_cast<std::size_t>(axis);
  const ValueRef split = inputs.size() > 1 ? inputs[1] : ValueRef();
  TENBIN_TRY(const auto ends, ends_of(call, split, in.shape()[a]));
  // Only whole slices of one are taken without their axis.
  const bool keeps = !split.nothing() || call.integer("keepdims", 1) != 0;
  Sequence out;
  out.type = in.type();
  std::int64_t at = 0;
  for (const std::int64_t end : ends) {
    Tensor piece = slice_axis(in, a, at, end);
    if (!keeps) {
      Shape shape = piece.shape();
      shape.erase(shape.begin() + axis);
      piece.reshape(std::move(shape));
    }
    out.items.push_back(std::make_shared<const Tensor>(std::move(piece)));
    at = end;
  }
  return std::vector<Value>{Value(std::move(out))};
}

}  // namespace

const OpEntry& op_split_to_sequence() {
  static const OpEntry entry{.domain = "",
                             .ops = {"SplitToSequence"},
                             .doc = "A tensor as a sequence of its pieces.",
                             .compute_values = compute_values};
  return entry;
}

}  // namespace tenbin

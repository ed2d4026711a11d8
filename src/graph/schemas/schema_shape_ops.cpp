// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <string>

#include "base/limits.h"
#include "graph/schema.h"

namespace tenbin {
namespace {

std::optional<Shape> some(const Shape* shape) {
  return shape == nullptr ? std::nullopt : std::optional<Shape>(*shape);
}

// Product of sizes, or -1 when one is unknown or the product is past every limit.
std::int64_t product(const Shape& sizes) {
  std::int64_t out = 1;
  for (const std::int64_t size : sizes) {
    if (size < 0 || __builtin_mul_overflow(out, size, &out)) return -1;
  }
  return out;
}

// Puts the size into the one place Reshape leaves open, where the known sizes tell it.
Status solve_open(const InferCall& call, Shape left, Shape& out, std::size_t open) {
  // A free size that is copied stands on both sides and cancels.
  Shape right = out;
  right.erase(right.begin() + static_cast<std::ptrdiff_t>(open));
  for (std::size_t i = 0; i < right.size();) {
    const auto twin = std::find(left.begin(), left.end(), right[i]);
    if (right[i] == -1 && twin != left.end()) {
      left.erase(twin);
      right.erase(right.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  const std::int64_t have = product(left), used = product(right);
  if (have < 0 || used <= 0) return {};
  if (have % used != 0) {
    return call.bad_shape(to_text(*call.shape(0)) + " cannot become " + to_text(out));
  }
  out[open] = have / used;
  return {};
}

Status infer_reshape(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  const auto* wanted = call.integers(1);
  std::vector<std::int64_t> from_attribute = call.call.integers("shape");
  if (call.call.find("shape") != nullptr) wanted = &from_attribute;  // opset 1
  if (wanted == nullptr) {
    const Shape* length = call.shape(1);
    if (length != nullptr && length->size() == 1 && (*length)[0] >= 0 &&
        (*length)[0] <= static_cast<std::int64_t>(limits::kTensorRank)) {
      call.set(0, call.type(0), Shape(static_cast<std::size_t>((*length)[0]), -1));
    }
    return {};
  }
  const bool zero_is_zero = call.call.integer("allowzero", 0) != 0;
  Shape out;
  std::optional<std::size_t> open;
  bool copied_unknown_only = true;
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    std::int64_t size = (*wanted)[i];
    if (size == -1) {
      if (open) return call.bad_shape("two sizes are left open");
      open = i;
    } else if (size == kUnknownElement) {
      size = -1;
      copied_unknown_only = false;
    } else if (size == 0 && !zero_is_zero) {
      if (src != nullptr && i >= src->size()) return call.bad_shape("0 copies no size");
      size = src == nullptr ? -1 : (*src)[i];
    } else if (size < 0) {
      return call.bad_shape("size of " + std::to_string(size));
    }
    out.push_back(size);
  }
  if (src != nullptr && open && copied_unknown_only) {
    TENBIN_CHECK(solve_open(call, *src, out, *open));
  }
  if (src != nullptr && is_static(*src) && is_static(out) && product(*src) != product(out)) {
    return call.bad_shape(to_text(*src) + " cannot become " + to_text(out));
  }
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_flatten(InferCall& call) {
  call.set(0, call.type(0), Shape{-1, -1});
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  const std::int64_t axis = call.call.integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(src->size());
  if (axis < -rank || axis > rank) return call.bad_shape("axis " + std::to_string(axis));
  const auto at = src->begin() + (axis < 0 ? axis + rank : axis);
  call.set(0, call.type(0), Shape{product({src->begin(), at}), product({at, src->end()})});
  return {};
}

Status infer_transpose(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  std::vector<std::int64_t> order = call.call.integers("perm");
  if (order.empty()) {
    order.resize(src->size());
    std::iota(order.rbegin(), order.rend(), 0);
  }
  std::vector<std::int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted.size() != src->size() || sorted[i] != static_cast<std::int64_t>(i)) {
      return call.bad_shape("perm " + to_text(order) + " of a tensor " + to_text(*src));
    }
  }
  Shape out;
  for (const std::int64_t axis : order) out.push_back((*src)[static_cast<std::size_t>(axis)]);
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_squeeze(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  if (!call.outputs.empty() && call.integers(0) != nullptr) {
    call.outputs[0].integers = *call.integers(0);
  }
  const Shape* src = call.shape(0);
  const bool all = call.call.find("axes") == nullptr && !call.has(1);
  const auto axes = call.integers_of("axes", 1);
  if (src == nullptr || (!all && !axes)) return {};
  std::vector<bool> drop(src->size(), false);
  for (std::size_t i = 0; i < src->size(); ++i) {
    if (all && (*src)[i] == -1) return {};  // may or may not be 1
    if (all) drop[i] = (*src)[i] == 1;
  }
  for (const std::int64_t axis : axes.value_or(std::vector<std::int64_t>{})) {
    TENBIN_TRY(const std::size_t at, normal_axis(axis, src->size()));
    if ((*src)[at] != 1 && (*src)[at] != -1) {
      return call.bad_shape("axis " + std::to_string(axis) + " of " + to_text(*src) + " is not 1");
    }
    drop[at] = true;
  }
  Shape out;
  for (std::size_t i = 0; i < src->size(); ++i) {
    if (!drop[i]) out.push_back((*src)[i]);
  }
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_unsqueeze(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  if (!call.outputs.empty() && call.integers(0) != nullptr) {
    call.outputs[0].integers = *call.integers(0);
  }
  const Shape* src = call.shape(0);
  const auto axes = call.integers_of("axes", 1);
  if (src == nullptr || !axes) return {};
  const std::size_t rank = src->size() + axes->size();
  if (rank > limits::kTensorRank) return call.bad_shape("rank " + std::to_string(rank));
  std::vector<bool> fresh(rank, false);
  for (const std::int64_t axis : *axes) {
    TENBIN_TRY(const std::size_t at, normal_axis(axis, rank));
    if (fresh[at]) return call.bad_shape("axis " + std::to_string(axis) + " given twice");
    fresh[at] = true;
  }
  Shape out;
  auto next = src->begin();
  for (std::size_t i = 0; i < rank; ++i) out.push_back(fresh[i] ? 1 : *next++);
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_same(InferCall& call) {
  call.set(0, call.type(0), some(call.shape(0)));
  if (call.has(0) && !call.outputs.empty()) {
    call.outputs[0].integers = call.inputs[0]->integers;
    call.outputs[0].constant = call.inputs[0]->constant;
  }
  return {};
}

Status infer_cast(InferCall& call) {
  const auto type = static_cast<ElementType>(call.call.integer("to", 0));
  call.set(0, call.call.op == "CastLike" ? call.type(1) : type, some(call.shape(0)));
  const bool keeps = type == ElementType::kInt64 || type == ElementType::kInt32;
  if (keeps && call.integers(0) != nullptr && !call.outputs.empty()) {
    call.outputs[0].integers = *call.integers(0);
  }
  return {};
}

Status infer_expand(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  const auto* sizes = call.integers(1);
  if (src == nullptr || sizes == nullptr) return {};
  Shape target = *sizes;
  std::replace(target.begin(), target.end(), kUnknownElement, std::int64_t{-1});
  TENBIN_TRY(Shape out, broadcast(*src, target));
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_tile(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  const auto* repeats = call.integers(1);
  if (src == nullptr) return {};
  Shape out(src->size(), -1);
  if (repeats != nullptr) {
    if (repeats->size() != src->size()) return call.bad_shape("repeats of another rank");
    for (std::size_t i = 0; i < out.size(); ++i) {
      if ((*src)[i] < 0 || (*repeats)[i] < 0) continue;
      if (__builtin_mul_overflow((*src)[i], (*repeats)[i], &out[i])) out[i] = INT64_MAX;
    }
  }
  call.set(0, call.type(0), std::move(out));
  return {};
}

}  // namespace

const SchemaFamily& schema_shape_ops();
const SchemaFamily& schema_shape_ops() {
  static const SchemaFamily family{
      "shape_ops",
      {{"", {"Reshape"}, "The same elements in another shape.", infer_reshape, nullptr, {}, {}},
       {"",
        {"Flatten"},
        "A matrix of the sizes before and after an axis.",
        infer_flatten,
        nullptr,
        {},
        {}},
       {"", {"Transpose"}, "Axes in another order.", infer_transpose, nullptr, {}, {}},
       {"", {"Squeeze"}, "Without axes of size 1.", infer_squeeze, nullptr, {}, {}},
       {"", {"Unsqueeze"}, "With new axes of size 1.", infer_unsqueeze, nullptr, {}, {}},
       {"", {"Identity"}, "The value itself.", infer_same, nullptr, {}, {}},
       {"", {"Cast", "CastLike"}, "Elements of another type.", infer_cast, nullptr, {}, {}},
       {"", {"Expand"}, "Repeated to a shape.", infer_expand, nullptr, {}, {}},
       {"", {"Tile"}, "Repeated along each axis.", infer_tile, nullptr, {}, {}}}};
  return family;
}

}  // namespace tenbin

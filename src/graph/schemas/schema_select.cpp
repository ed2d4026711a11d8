// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "graph/schema.h"

namespace tenbin {
namespace {

std::optional<Shape> same(const InferCall& call) {
  const Shape* src = call.shape(0);
  return src == nullptr ? std::nullopt : std::optional<Shape>(*src);
}

Status infer_same(InferCall& call) {
  call.set(0, call.type(0), same(call));
  return {};
}

Status infer_eye_like(InferCall& call) {
  const auto fallback = static_cast<std::int64_t>(call.type(0));
  call.set(0, static_cast<ElementType>(call.call.integer("dtype", fallback)), same(call));
  return {};
}

Status infer_gather_nd(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape *src = call.shape(0), *by = call.shape(1);
  if (src == nullptr || by == nullptr || by->empty() || by->back() < 0) return {};
  const std::int64_t shared = call.call.integer("batch_dims", 0);
  const auto rank = static_cast<std::int64_t>(src->size());
  if (shared < 0 || shared >= static_cast<std::int64_t>(by->size()) || by->back() < 1 ||
      by->back() > rank - shared) {
    return call.bad_shape("indices " + to_text(*by) + " of " + to_text(*src));
  }
  Shape out(by->begin(), by->end() - 1);
  out.insert(out.end(), src->begin() + shared + by->back(), src->end());
  call.set(0, call.type(0), std::move(out));
  return {};
}

// How many are kept is in the values.
Status infer_compress(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (call.call.find("axis") == nullptr) {
    call.set(0, call.type(0), Shape{-1});
    return {};
  }
  if (src == nullptr) return {};
  TENBIN_TRY(const std::size_t axis, normal_axis(call.call.integer("axis", 0), src->size()));
  Shape out = *src;
  out[axis] = -1;
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_non_zero(InferCall& call) {
  const Shape* src = call.shape(0);
  const std::int64_t rank = src == nullptr ? -1 : static_cast<std::int64_t>(src->size());
  call.set(0, ElementType::kInt64, Shape{rank, -1});
  return {};
}

Status infer_unique(InferCall& call) {
  TENBIN_CHECK(infer_compress(call));
  for (std::size_t i = 1; i < 4; ++i) call.set(i, ElementType::kInt64, Shape{-1});
  return {};
}

}  // namespace

const SchemaFamily& schema_select();
const SchemaFamily& schema_select() {
  static const SchemaFamily family{
      "select",
      {{"",
        {"Scatter", "ScatterElements", "ScatterND", "ReverseSequence", "Trilu", "CumSum"},
        "The same shape with other elements.",
        infer_same,
        nullptr,
        {},
        {}},
       {"", {"EyeLike"}, "Ones on a diagonal.", infer_eye_like, nullptr, {}, {}},
       {"", {"GatherND"}, "Slices by index tensors.", infer_gather_nd, nullptr, {}, {}},
       {"", {"Compress"}, "Slices whose condition holds.", infer_compress, nullptr, {}, {}},
       {"", {"NonZero"}, "Places of what is not zero.", infer_non_zero, nullptr, {}, {}},
       {"", {"Unique"}, "Each value or slice once.", infer_unique, nullptr, {}, {}}}};
  return family;
}

}  // namespace tenbin

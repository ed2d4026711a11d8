// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "graph/schema.h"

namespace tenbin {
namespace {

Status infer_reduce(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  const bool keep = call.call.integer("keepdims", 1) != 0;
  const bool given = call.call.find("axes") != nullptr || call.has(1);
  const auto axes = call.integers_of("axes", 1);
  if (given && !axes) {
    if (keep) call.set(0, call.type(0), Shape(src->size(), -1));
    return {};
  }
  std::vector<bool> gone(src->size(), false);
  for (const std::int64_t axis : axes.value_or(std::vector<std::int64_t>{})) {
    TENBIN_TRY(const std::size_t at, normal_axis(axis, src->size()));
    gone[at] = true;
  }
  const bool none = !axes || axes->empty();
  const bool all = none && call.call.integer("noop_with_empty_axes", 0) == 0;
  Shape out;
  for (std::size_t i = 0; i < src->size(); ++i) {
    if (!all && !gone[i]) {
      out.push_back((*src)[i]);
    } else if (keep) {
      out.push_back(1);
    }
  }
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_arg(InferCall& call) {
  call.set(0, ElementType::kInt64, std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  TENBIN_TRY(const std::size_t axis, normal_axis(call.call.integer("axis", 0), src->size()));
  Shape out = *src;
  if (call.call.integer("keepdims", 1) != 0) {
    out[axis] = 1;
  } else {
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(axis));
  }
  call.set(0, ElementType::kInt64, std::move(out));
  return {};
}

Status infer_top_k(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  call.set(1, ElementType::kInt64, std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  TENBIN_TRY(const std::size_t axis, normal_axis(call.call.integer("axis", -1), src->size()));
  Shape out = *src;
  out[axis] = -1;
  const auto* k = call.integers(1);
  if (call.call.find("k") != nullptr) {
    out[axis] = call.call.integer("k", -1);
  } else if (k != nullptr && k->size() == 1 && (*k)[0] != kUnknownElement) {
    out[axis] = (*k)[0];
  }
  if (out[axis] < -1) return call.bad_shape("k of " + std::to_string(out[axis]));
  call.set(1, ElementType::kInt64, out);
  call.set(0, call.type(0), std::move(out));
  return {};
}

}  // namespace

const SchemaFamily& schema_reduce();
const SchemaFamily& schema_reduce() {
  static const SchemaFamily family{
      "reduce",
      {{"",
        {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
         "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"},
        "One value for each range of axes.",
        infer_reduce,
        nullptr,
        {},
        {}},
       {"",
        {"ArgMax", "ArgMin"},
        "Index of the extreme along an axis.",
        infer_arg,
        nullptr,
        {},
        {}},
       {"",
        {"TopK"},
        "The k largest along an axis and their indices.",
        infer_top_k,
        nullptr,
        {},
        {}}}};
  return family;
}

}  // namespace tenbin

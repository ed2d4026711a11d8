// SPDX-License-Identifier: Apache-2.0
#include "graph/schema.h"

namespace tenbin {
namespace {

std::optional<Shape> same(const InferCall& call) {
  const Shape* src = call.shape(0);
  return src == nullptr ? std::nullopt : std::optional<Shape>(*src);
}

Status infer_softmax(InferCall& call) {
  call.set(0, call.type(0), same(call));
  const Shape* src = call.shape(0);
  if (src == nullptr || src->empty()) return {};
  const std::int64_t fallback = call.call.opset < 13 ? 1 : -1;
  const std::int64_t axis = call.call.integer("axis", fallback);
  if (call.call.opset < 13 && axis == static_cast<std::int64_t>(src->size())) return {};
  TENBIN_TRY([[maybe_unused]] const std::size_t at, normal_axis(axis, src->size()));
  return {};
}

Status infer_one_hot(InferCall& call) {
  call.set(0, call.type(2), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  TENBIN_TRY(const std::size_t axis, normal_axis(call.call.integer("axis", -1), src->size() + 1));
  std::int64_t depth = -1;
  const auto* known = call.integers(1);
  if (known != nullptr && known->size() == 1 && (*known)[0] >= 0) depth = (*known)[0];
  Shape out = *src;
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  call.set(0, call.type(2), std::move(out));
  return {};
}

Status infer_dropout(InferCall& call) {
  call.set(0, call.type(0), same(call));
  call.set(1, ElementType::kBool, same(call));
  return {};
}

}  // namespace

const SchemaFamily& schema_classify();
const SchemaFamily& schema_classify() {
  static const SchemaFamily family{
      "classify",
      {{"",
        {"Softmax", "LogSoftmax", "Hardmax"},
        "Shares of one along an axis.",
        infer_softmax,
        nullptr,
        {},
        {}},
       {"", {"OneHot"}, "An axis with one mark for each index.", infer_one_hot, nullptr, {}, {}},
       {"",
        {"Dropout"},
        "The value itself; the engine's training plan drops elements.",
        infer_dropout,
        nullptr,
        {},
        {}}}};
  return family;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "base/limits.h"
#include "graph/schema.h"

namespace tenbin {
namespace {

Status infer_shape(InferCall& call) {
  call.set(0, ElementType::kInt64, std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr || call.outputs.empty()) return {};
  const auto rank = static_cast<std::int64_t>(src->size());
  const auto place = [rank](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? std::max(at, -rank) + rank : at, 0, rank);
  };
  const std::int64_t begin = place(call.call.integer("start", 0));
  const std::int64_t end = std::max(begin, place(call.call.integer("end", rank)));
  std::vector<std::int64_t> sizes(src->begin() + begin, src->begin() + end);
  std::replace(sizes.begin(), sizes.end(), std::int64_t{-1}, kUnknownElement);
  call.set(0, ElementType::kInt64, Shape{static_cast<std::int64_t>(sizes.size())});
  call.outputs[0].integers = std::move(sizes);
  return {};
}

Status infer_size(InferCall& call) {
  call.set(0, ElementType::kInt64, Shape{});
  const Shape* src = call.shape(0);
  if (src == nullptr || !is_static(*src) || call.outputs.empty()) return {};
  const auto count = element_count(*src);
  if (count.ok()) call.outputs[0].integers = {{*count}};
  return {};
}

Status infer_constant(InferCall& call) {
  if (call.outputs.empty()) return {};
  Known& out = call.outputs[0];
  if (const Tensor* value = call.call.tensor("value"); value != nullptr) {
    out.type = value->type();
    out.shape = value->shape();
    out.constant = value;
    if (value->count() <= 64 && value->type() == ElementType::kInt64) {
      const auto data = value->data<std::int64_t>();
      out.integers.emplace(data.begin(), data.end());
    }
    return {};
  }
  const auto length = [](std::size_t n) { return Shape{static_cast<std::int64_t>(n)}; };
  if (call.call.find("value_int") != nullptr) {
    call.set(0, ElementType::kInt64, Shape{});
    out.integers = {{call.call.integer("value_int", 0)}};
  } else if (call.call.find("value_float") != nullptr) {
    call.set(0, ElementType::kFloat32, Shape{});
  } else if (call.call.find("value_string") != nullptr) {
    call.set(0, ElementType::kString, Shape{});
  } else if (call.call.find("value_ints") != nullptr) {
    out.integers = call.call.integers("value_ints");
    call.set(0, ElementType::kInt64, length(out.integers->size()));
  } else if (call.call.find("value_floats") != nullptr) {
    call.set(0, ElementType::kFloat32, length(call.call.numbers("value_floats").size()));
  } else if (call.call.find("value_strings") != nullptr) {
    call.set(0, ElementType::kString, length(call.call.texts("value_strings").size()));
  } else {
    return call.bad_shape("no value");
  }
  return {};
}

Status infer_constant_of_shape(InferCall& call) {
  const Tensor* value = call.call.tensor("value");
  const ElementType type = value == nullptr ? ElementType::kFloat32 : value->type();
  call.set(0, type, std::nullopt);
  const auto* sizes = call.integers(0);
  if (sizes == nullptr || call.outputs.empty()) return {};
  Shape out = *sizes;
  std::replace(out.begin(), out.end(), kUnknownElement, std::int64_t{-1});
  const bool short_vector = out.size() == 1 && out[0] >= 0 && out[0] <= 64;
  if (short_vector && type == ElementType::kInt64 && value->count() == 1) {
    call.outputs[0].integers.emplace(static_cast<std::size_t>(out[0]),
                                     value->data<std::int64_t>()[0]);
  }
  call.set(0, type, std::move(out));
  return {};
}

Status infer_range(InferCall& call) {
  call.set(0, call.type(0), Shape{-1});
  const auto *start = call.integers(0), *limit = call.integers(1), *step = call.integers(2);
  if (start == nullptr || limit == nullptr || step == nullptr) return {};
  if (start->size() != 1 || limit->size() != 1 || step->size() != 1) return {};
  const std::int64_t a = (*start)[0], b = (*limit)[0], d = (*step)[0];
  const auto within = [](std::int64_t v) {
    return v >= -limits::kTensorElements && v <= limits::kTensorElements;
  };
  if (!within(a) || !within(b) || !within(d) || d == 0) return {};
  const std::int64_t span = d > 0 ? b - a : a - b, stride = d > 0 ? d : -d;
  call.set(0, call.type(0), Shape{span <= 0 ? 0 : (span + stride - 1) / stride});
  return {};
}

}  // namespace

const SchemaFamily& schema_constant();
const SchemaFamily& schema_constant() {
  static const SchemaFamily family{
      "constant",
      {{"", {"Shape"}, "The sizes of a tensor.", infer_shape, nullptr, {}, {}},
       {"", {"Size"}, "The number of elements.", infer_size, nullptr, {}, {}},
       {"", {"Constant"}, "A value.", infer_constant, nullptr, {}, {}},
       {"", {"ConstantOfShape"}, "One value in a shape.", infer_constant_of_shape, nullptr, {}, {}},
       {"", {"Range"}, "Numbers from start to limit.", infer_range, nullptr, {}, {}}}};
  return family;
}

}  // namespace tenbin

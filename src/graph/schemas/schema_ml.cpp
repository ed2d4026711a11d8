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

// Rows of a [batch, features] input; a lone vector is one row.
std::int64_t rows_of(const InferCall& call) {
  const Shape* src = call.shape(0);
  if (src == nullptr) return -1;
  return src->size() < 2 ? 1 : (*src)[0];
}

bool has_any(const InferCall& call, std::initializer_list<const char*> keys) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](const char* key) { return call.call.find(key) != nullptr; });
}

ElementType label_type(const InferCall& call) {
  if (const Tensor* values = call.call.tensor("values_tensor"); values != nullptr) {
    return values->type();
  }
  if (has_any(call, {"values_strings"})) return ElementType::kString;
  if (has_any(call, {"values_int64s"})) return ElementType::kInt64;
  if (has_any(call, {"values_floats"})) return ElementType::kFloat32;
  // Version 1: one list of strings maps both ways.
  return call.type(0) == ElementType::kString ? ElementType::kInt64 : ElementType::kString;
}

Status infer_label_encoder(InferCall& call) {
  call.set(0, label_type(call), same(call));
  return {};
}

Status infer_one_hot(InferCall& call) {
  const Shape* src = call.shape(0);
  const auto texts = static_cast<std::int64_t>(call.call.texts("cats_strings").size());
  const auto numbers = static_cast<std::int64_t>(call.call.integers("cats_int64s").size());
  std::optional<Shape> out = same(call);
  if (src != nullptr) out->push_back(texts > 0 ? texts : numbers);
  call.set(0, ElementType::kFloat32, std::move(out));
  return {};
}

Status infer_mapper(InferCall& call) {
  const ElementType type = call.type(0);
  const ElementType other = type == ElementType::kString  ? ElementType::kInt64
                            : type == ElementType::kInt64 ? ElementType::kString
                                                          : ElementType::kUndefined;
  call.set(0, other, same(call));
  return {};
}

Status infer_float(InferCall& call) {
  call.set(0, ElementType::kFloat32, same(call));
  return {};
}

Status infer_same(InferCall& call) {
  call.set(0, call.type(0), same(call));
  return {};
}

std::int64_t class_count(const InferCall& call, const char* texts, const char* numbers) {
  const std::size_t named = call.call.texts(texts).size();
  return static_cast<std::int64_t>(named > 0 ? named : call.call.integers(numbers).size());
}

Status infer_classifier(InferCall& call) {
  const char* texts = "classlabels_strings";
  const bool trees = call.call.op == "TreeEnsembleClassifier";
  const char* numbers = trees ? "classlabels_int64s" : "classlabels_ints";
  const std::int64_t rows = rows_of(call);
  const std::int64_t classes = class_count(call, texts, numbers);
  const bool named = !call.call.texts(texts).empty();
  call.set(0, named ? ElementType::kString : ElementType::kInt64, Shape{rows});
  call.set(1, ElementType::kFloat32, Shape{rows, classes > 0 ? classes : -1});
  return {};
}

Status infer_regressor(InferCall& call) {
  const bool trees = call.call.op == "TreeEnsembleRegressor";
  const std::int64_t targets = call.call.integer(trees ? "n_targets" : "targets", 1);
  if (targets < 1) return call.bad_shape(std::to_string(targets) + " targets");
  call.set(0, ElementType::kFloat32, Shape{rows_of(call), targets});
  return {};
}

Status infer_extractor(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape *src = call.shape(0), *indices = call.shape(1);
  if (src == nullptr || indices == nullptr) return {};
  if (src->empty()) return call.bad_shape("scalar input");
  std::int64_t picked = 1;
  for (const std::int64_t size : *indices) {
    if (size < 0 || __builtin_mul_overflow(picked, size, &picked)) {
      picked = -1;
      break;
    }
  }
  Shape out = *src;
  // A vector gives one row.
  if (out.size() == 1) out.insert(out.begin(), 1);
  out.back() = picked;
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_vectorizer(InferCall& call) {
  std::int64_t width = 0, rows = -1;
  const auto sizes = call.call.integers("inputdimensions");
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    const Shape* src = call.shape(i);
    std::int64_t own = i < sizes.size() ? sizes[i] : -1;
    if (src != nullptr && !src->empty()) {
      if (src->size() == 2) rows = std::max(rows, (*src)[0]);
      if (own < 0) own = src->size() == 1 ? 1 : (*src)[1];
      if (src->size() == 1) rows = std::max(rows, (*src)[0]);
    }
    if (width >= 0 && (own < 0 || __builtin_add_overflow(width, own, &width))) width = -1;
  }
  call.set(0, ElementType::kFloat32, Shape{rows, width});
  return {};
}

}  // namespace

const SchemaFamily& schema_ml();
const SchemaFamily& schema_ml() {
  static const char* const kMl = "ai.onnx.ml";
  static const SchemaFamily family{
      "ml",
      {{kMl,
        {"LabelEncoder"},
        "Each value by its entry in a table.",
        infer_label_encoder,
        nullptr,
        {},
        {}},
       {kMl, {"CategoryMapper"}, "Texts to integers, or back.", infer_mapper, nullptr, {}, {}},
       {kMl, {"OneHotEncoder"}, "A mark for each category.", infer_one_hot, nullptr, {}, {}},
       {kMl,
        {"Scaler", "Normalizer"},
        "Features shifted and scaled.",
        infer_float,
        nullptr,
        {},
        {}},
       {kMl,
        {"Imputer", "Binarizer"},
        "Features mended or cut at a threshold.",
        infer_same,
        nullptr,
        {},
        {}},
       {kMl,
        {"TreeEnsembleClassifier", "LinearClassifier", "SVMClassifier"},
        "Labels and scores of rows.",
        infer_classifier,
        nullptr,
        {},
        {}},
       {kMl,
        {"TreeEnsembleRegressor", "LinearRegressor", "SVMRegressor"},
        "Targets of rows.",
        infer_regressor,
        nullptr,
        {},
        {}},
       {kMl, {"ArrayFeatureExtractor"}, "Columns by index.", infer_extractor, nullptr, {}, {}},
       {kMl, {"FeatureVectorizer"}, "Inputs side by side.", infer_vectorizer, nullptr, {}, {}}}};
  return family;
}

}  // namespace tenbin

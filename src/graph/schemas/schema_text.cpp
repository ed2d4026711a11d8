// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graph/schema.h"

namespace tenbin {
namespace {

// Stop words may go, so the last size is open.
Status infer_normalizer(InferCall& call) {
  call.set(0, ElementType::kString, std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  if (src->empty() || src->size() > 2) {
    return call.bad_shape("input " + to_text(*src) + ", expected [words] or [1, words]");
  }
  Shape out = *src;
  if (!call.call.texts("stopwords").empty()) out.back() = -1;
  if (out.back() == 0) out.back() = 1;  // no word at all comes out as one empty text
  call.set(0, ElementType::kString, std::move(out));
  return {};
}

Status infer_tf_idf(InferCall& call) {
  call.set(0, ElementType::kFloat32, std::nullopt);
  const Shape* src = call.shape(0);
  const auto indexes = call.call.integers("ngram_indexes");
  if (src == nullptr || indexes.empty()) return {};
  if (src->empty() || src->size() > 2) {
    return call.bad_shape("input " + to_text(*src) + ", expected [words] or [batch, words]");
  }
  const std::int64_t most = *std::max_element(indexes.begin(), indexes.end());
  if (most < 0 || most == INT64_MAX) return call.bad_shape("ngram_indexes below 0");
  Shape out = *src;
  out.back() = most + 1;
  call.set(0, ElementType::kFloat32, std::move(out));
  return {};
}

// Opset 20: pieces along a new axis, and how many there are.
Status infer_split(InferCall& call) {
  call.set(0, ElementType::kString, std::nullopt);
  call.set(1, ElementType::kInt64, std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  Shape pieces = *src;
  pieces.push_back(-1);
  call.set(0, ElementType::kString, std::move(pieces));
  call.set(1, ElementType::kInt64, *src);
  return {};
}

Status infer_regex(InferCall& call) {
  const Shape* src = call.shape(0);
  call.set(0, ElementType::kBool, src == nullptr ? std::nullopt : std::optional<Shape>(*src));
  return {};
}

Status infer_join(InferCall& call) {
  call.set(0, ElementType::kString, std::nullopt);
  if (call.shape(0) == nullptr || call.shape(1) == nullptr) return {};
  TENBIN_TRY(Shape out, broadcast(*call.shape(0), *call.shape(1)));
  call.set(0, ElementType::kString, std::move(out));
  return {};
}

}  // namespace

const SchemaFamily& schema_text();
const SchemaFamily& schema_text() {
  static const SchemaFamily family{
      "text",
      {{"",
        {"StringNormalizer"},
        "Words in one case, without stop words.",
        infer_normalizer,
        nullptr,
        {},
        {}},
       {"", {"TfIdfVectorizer"}, "Counts or weights of n-grams.", infer_tf_idf, nullptr, {}, {}},
       {"", {"StringSplit"}, "Strings cut at a delimiter.", infer_split, nullptr, {}, {}},
       {"", {"RegexFullMatch"}, "Whether each string matches.", infer_regex, nullptr, {}, {}},
       {"", {"StringConcat"}, "Strings joined.", infer_join, nullptr, {}, {}}}};
  return family;
}

}  // namespace tenbin

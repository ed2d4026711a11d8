// SPDX-License-Identifier: Apache-2.0
#include "graph/schema.h"

namespace tenbin {
namespace {

ElementType type_of(const InferCall& call, ElementType fallback) {
  return static_cast<ElementType>(call.call.integer("dtype", static_cast<std::int64_t>(fallback)));
}

Status infer_by_shape(InferCall& call) {
  const Shape shape = call.call.integers("shape");
  for (const std::int64_t size : shape) {
    if (size < 0) return call.bad_shape("shape " + to_text(shape));
  }
  call.set(0, type_of(call, ElementType::kFloat32), shape);
  return {};
}

Status infer_like(InferCall& call) {
  const Shape* src = call.shape(0);
  call.set(0, type_of(call, call.type(0)),
           src == nullptr ? std::nullopt : std::optional<Shape>(*src));
  return {};
}

Status infer_multinomial(InferCall& call) {
  const Shape* src = call.shape(0);
  const std::int64_t rows = src == nullptr || src->empty() ? -1 : (*src)[0];
  call.set(0, type_of(call, ElementType::kInt32), Shape{rows, call.call.integer("sample_size", 1)});
  return {};
}

}  // namespace

const SchemaFamily& schema_random();
const SchemaFamily& schema_random() {
  static const SchemaFamily family{"random",
                                   {{"",
                                     {"RandomNormal", "RandomUniform"},
                                     "Random numbers in a given shape.",
                                     infer_by_shape,
                                     nullptr,
                                     {},
                                     {}},
                                    {"",
                                     {"RandomNormalLike", "RandomUniformLike", "Bernoulli"},
                                     "Random numbers in the shape of a value.",
                                     infer_like,
                                     nullptr,
                                     {},
                                     {}},
                                    {"",
                                     {"Multinomial"},
                                     "Classes drawn by their shares.",
                                     infer_multinomial,
                                     nullptr,
                                     {},
                                     {}}}};
  return family;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "graph/schema.h"

namespace tenbin {
namespace {

// Scale, shift and statistics have one value a channel.
Status infer_batch_normalization(InferCall& call) {
  const Shape* src = call.shape(0);
  call.set(0, call.type(0), src == nullptr ? std::nullopt : std::optional<Shape>(*src));
  if (src == nullptr) return {};
  const std::int64_t channels = src->size() < 2 ? 1 : (*src)[1];
  for (std::size_t i = 1; i < 5; ++i) {
    const Shape* vector = call.shape(i);
    if (vector == nullptr || channels < 0) continue;
    if (vector->size() != 1 || ((*vector)[0] >= 0 && (*vector)[0] != channels)) {
      return call.bad_shape("operand " + std::to_string(i) + " of " + to_text(*vector) +
                            ", expected [" + std::to_string(channels) + "]");
    }
  }
  // In training mode the running statistics come out too.
  for (std::size_t i = 1; i < call.outputs.size(); ++i) {
    call.set(i, call.type(0), Shape{channels});
  }
  return {};
}

Status infer_same(InferCall& call) {
  const Shape* src = call.shape(0);
  call.set(0, call.type(0), src == nullptr ? std::nullopt : std::optional<Shape>(*src));
  return {};
}

Status infer_layer_normalization(InferCall& call) {
  TENBIN_CHECK(infer_same(call));
  const Shape* src = call.shape(0);
  if (src == nullptr || call.outputs.size() < 2) return {};
  TENBIN_TRY(const std::size_t axis, normal_axis(call.call.integer("axis", -1), src->size()));
  Shape statistics = *src;
  for (std::size_t i = axis; i < statistics.size(); ++i) statistics[i] = 1;
  for (std::size_t i = 1; i < call.outputs.size(); ++i) {
    call.set(i, ElementType::kFloat32, statistics);
  }
  return {};
}

}  // namespace

const SchemaFamily& schema_normalization();
const SchemaFamily& schema_normalization() {
  static const SchemaFamily family{"normalization",
                                   {{"",
                                     {"BatchNormalization"},
                                     "Normalisation by statistics of the channel.",
                                     infer_batch_normalization,
                                     nullptr,
                                     {1, 2},
                                     {3, 4}},
                                    {"",
                                     {"LayerNormalization", "RMSNormalization"},
                                     "Normalisation over the last axes.",
                                     infer_layer_normalization,
                                     nullptr,
                                     {1, 2},
                                     {}},
                                    {"",
                                     {"InstanceNormalization", "GroupNormalization"},
                                     "Normalisation within a sample.",
                                     infer_same,
                                     nullptr,
                                     {1, 2},
                                     {}},
                                    {"",
                                     {"LRN", "LpNormalization", "MeanVarianceNormalization"},
                                     "Normalisation without weights.",
                                     infer_same,
                                     nullptr,
                                     {},
                                     {}}}};
  return family;
}

}  // namespace tenbin

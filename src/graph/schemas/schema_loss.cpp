// SPDX-License-Identifier: Apache-2.0
#include "graph/schema.h"

namespace tenbin {
namespace {

Status infer_loss(InferCall& call) {
  const Shape* src = call.shape(0);
  call.set(1, call.type(0), src == nullptr ? std::nullopt : std::optional<Shape>(*src));
  if (call.call.text("reduction", "mean") != "none") {
    call.set(0, call.type(0), Shape{});
    return {};
  }
  call.set(0, call.type(0), std::nullopt);
  if (src == nullptr) return {};
  if (src->size() < 2) return call.bad_shape("scores " + to_text(*src));
  Shape out = *src;
  out.erase(out.begin() + 1);
  call.set(0, call.type(0), std::move(out));
  return {};
}

}  // namespace

const SchemaFamily& schema_loss();
const SchemaFamily& schema_loss() {
  static const SchemaFamily family{"loss",
                                   {{"",
                                     {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"},
                                     "What wrong classes cost.",
                                     infer_loss,
                                     nullptr,
                                     {},
                                     {}}}};
  return family;
}

}  // namespace tenbin

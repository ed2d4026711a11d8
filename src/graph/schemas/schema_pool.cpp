// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "graph/schemas/window.h"

namespace tenbin {
namespace {

Status infer_pool(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  call.set(1, ElementType::kInt64, std::nullopt);  // MaxPool's indices
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  if (src->size() < 3) {
    return call.bad_shape("input " + to_text(*src) + ", expected rank 3 or more");
  }
  TENBIN_TRY(const Shape spatial,
             window_shape(call, std::span(*src).subspan(2), call.call.integers("kernel_shape")));
  Shape dst = {(*src)[0], (*src)[1]};
  dst.insert(dst.end(), spatial.begin(), spatial.end());
  call.set(1, ElementType::kInt64, dst);
  call.set(0, call.type(0), std::move(dst));
  return {};
}

Status infer_global_pool(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  if (src->size() < 3) {
    return call.bad_shape("input " + to_text(*src) + ", expected rank 3 or more");
  }
  Shape dst(src->size(), 1);
  dst[0] = (*src)[0];
  dst[1] = (*src)[1];
  call.set(0, call.type(0), std::move(dst));
  return {};
}

}  // namespace

const SchemaFamily& schema_pool();
const SchemaFamily& schema_pool() {
  static const SchemaFamily family{"pool",
                                   {{"",
                                     {"MaxPool", "AveragePool", "LpPool"},
                                     "Pooling over a window.",
                                     infer_pool,
                                     nullptr,
                                     {},
                                     {}},
                                    {"",
                                     {"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"},
                                     "Pooling over all of a plane.",
                                     infer_global_pool,
                                     nullptr,
                                     {},
                                     {}}}};
  return family;
}

}  // namespace tenbin

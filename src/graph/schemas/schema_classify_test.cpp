// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaClassify, TellsShapes) {
  check({
      {"shares", op("Softmax"), {f32({-1, 10})}, {f32({-1, 10})}},
      {"axis out of range", op("Softmax", {{"axis", std::int64_t{2}}}), {f32({2, 10})}, {}, true},
      {"marks",
       op("OneHot"),
       {i64({-1}), i64({}), f32({2})},
       {f32({-1, 4})},
       false,
       {Tensor(), Tensor::scalar<std::int64_t>(4)}},
      {"nothing happens at inference",
       op("Dropout"),
       {f32({-1, 8})},
       {f32({-1, 8}), boolean({-1, 8})}},
  });
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaLoss, TellsShapes) {
  const Attributes each = {{"reduction", std::string("none")}};
  check({
      {"mean", op("NegativeLogLikelihoodLoss"), {f32({-1, 5}), i64({-1})}, {f32({})}},
      {"each",
       op("NegativeLogLikelihoodLoss", each),
       {f32({-1, 5, 6}), i64({-1, 6})},
       {f32({-1, 6})}},
      {"no classes", op("NegativeLogLikelihoodLoss", each), {f32({5}), i64({5})}, {}, true},
      {"with logarithms",
       op("SoftmaxCrossEntropyLoss"),
       {f32({-1, 5}), i64({-1})},
       {f32({}), f32({-1, 5})}},
  });
}

}  // namespace
}  // namespace tenbin

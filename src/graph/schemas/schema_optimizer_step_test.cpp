// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

TEST(SchemaOptimizerStep, ResultsAreLikeTheirParameters) {
  const OpCall adam{"Adam", "ai.onnx.preview.training", "", {}, {}, {}};
  const ValueInfo a = f32({3}), b = f32({2, 2}), rate = f32({}), step = i64({});
  check({{"two parameters", adam, {rate, step, a, b, a, b, a, b, a, b}, {a, b, a, b, a, b}}});
}

}  // namespace
}  // namespace tenbin

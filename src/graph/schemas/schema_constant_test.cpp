// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaConstant, TellsShapes) {
  check({
      {"one size an axis", op("Shape"), {f32({-1, 3, 4})}, {i64({3})}},
      {"a part of them", op("Shape", {{"start", std::int64_t{-2}}}), {f32({-1, 3, 4})}, {i64({2})}},
      {"count", op("Size"), {f32({2, 3})}, {i64({})}},
      {"tensor", op("Constant", {{"value", integers({1, 2})}}), {}, {i64({2})}},
      {"list", op("Constant", {{"value_floats", std::vector<float>{1, 2, 3}}}), {}, {f32({3})}},
      {"nothing", op("Constant"), {}, {}, true},
      {"filled", op("ConstantOfShape"), {i64({2})}, {f32({2, 3})}, false, {integers({2, 3})}},
      {"range",
       op("Range"),
       {i64({}), i64({}), i64({})},
       {i64({4})},
       false,
       {Tensor::scalar<std::int64_t>(0), Tensor::scalar<std::int64_t>(7),
        Tensor::scalar<std::int64_t>(2)}},
  });
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}
ValueInfo u8(Shape shape) { return {"", ElementType::kUint8, std::move(shape), true}; }
ValueInfo i32(Shape shape) { return {"", ElementType::kInt32, std::move(shape), true}; }

TEST(SchemaQuantise, TellsShapes) {
  const ValueInfo scale = f32({}), zero = u8({});
  check({
      {"whole", op("QuantizeLinear"), {f32({-1, 3}), scale}, {u8({-1, 3})}},
      {"real", op("DequantizeLinear"), {u8({-1, 3}), scale}, {f32({-1, 3})}},
      {"by itself", op("DynamicQuantizeLinear"), {f32({2})}, {u8({2}), f32({}), u8({})}},
      {"sums", op("ConvInteger"), {u8({-1, 3, 8}), u8({5, 3, 3})}, {i32({-1, 5, 6})}},
      {"scaled",
       op("QLinearConv"),
       {u8({-1, 3, 8}), scale, zero, u8({5, 3, 3}), scale, zero, scale, zero},
       {u8({-1, 5, 6})}},
      {"ranks differ", op("ConvInteger"), {u8({1, 3, 8}), u8({5, 3})}, {}, true},
      {"product",
       op("QLinearMatMul"),
       {u8({-1, 2, 3}), scale, zero, u8({3, 4}), scale, zero, scale, zero},
       {u8({-1, 2, 4})}},
  });
}

}  // namespace
}  // namespace tenbin

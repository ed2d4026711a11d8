// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaShapeOps, Reshape) {
  const auto to = [](Ints sizes) { return std::vector<Tensor>{Tensor(), integers(sizes)}; };
  const ValueInfo any = i64({2});
  check({
      {"batch copied, rest joined",
       op("Reshape"),
       {f32({-1, 16, 5, 5}), any},
       {f32({-1, 400})},
       false,
       to({0, -1})},
      {"open batch",
       op("Reshape"),
       {f32({-1, 16, 5, 5}), any},
       {f32({-1, 400})},
       false,
       to({-1, 400})},
      {"solved", op("Reshape"), {f32({2, 3, 4}), any}, {f32({6, 4})}, false, to({-1, 4})},
      {"does not divide", op("Reshape"), {f32({2, 3}), any}, {}, true, to({-1, 4})},
      {"other count", op("Reshape"), {f32({2, 3}), any}, {}, true, to({2, 2})},
      {"two open", op("Reshape"), {f32({2, 3}), any}, {}, true, to({-1, -1})},
      {"rank alone", op("Reshape"), {f32({2, 3}), any}, {f32({-1, -1})}},
      {"product overflows",
       op("Reshape"),
       {f32({2, 3}), any},
       {},
       true,
       to({INT64_MAX, INT64_MAX})},
  });
}

TEST(SchemaShapeOps, Others) {
  check({
      {"features", op("Flatten"), {f32({-1, 16, 5, 5})}, {f32({-1, 400})}},
      {"axis out of range", op("Flatten", {{"axis", std::int64_t{3}}}), {f32({2, 2})}, {}, true},
      {"reversed", op("Transpose"), {f32({2, 3, 4})}, {f32({4, 3, 2})}},
      {"order", op("Transpose", {{"perm", Ints{0, 2, 1}}}), {f32({-1, 3, 4})}, {f32({-1, 4, 3})}},
      {"an axis twice", op("Transpose", {{"perm", Ints{0, 0}}}), {f32({2, 3})}, {}, true},
      {"axis by input",
       op("Squeeze"),
       {f32({-1, 8, 1, 1}), i64({2})},
       {f32({-1, 8})},
       false,
       {Tensor(), integers({2, 3})}},
      {"axis by attribute (opset 11)",
       op("Squeeze", {{"axes", Ints{-1}}}),
       {f32({4, 1})},
       {f32({4})},
       false,
       {},
       11},
      {"not of size 1", op("Squeeze", {{"axes", Ints{0}}}), {f32({4, 1})}, {}, true, {}, 11},
      {"new axis",
       op("Unsqueeze"),
       {f32({-1, 8}), i64({1})},
       {f32({-1, 1, 8})},
       false,
       {Tensor(), integers({1})}},
      {"type changes", op("Cast", {{"to", std::int64_t{7}}}), {f32({-1, 2})}, {i64({-1, 2})}},
      {"expand",
       op("Expand"),
       {f32({3, 1}), i64({2})},
       {f32({3, 5})},
       false,
       {Tensor(), integers({1, 5})}},
      {"tile",
       op("Tile"),
       {f32({3, 2}), i64({2})},
       {f32({6, 2})},
       false,
       {Tensor(), integers({2, 1})}},
  });
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaImage, TellsShapes) {
  const Attributes two = {{"blocksize", std::int64_t{2}}};
  const Tensor scales = Tensor::of<float>({4}, {1, 1, 2, 0.6F});
  check({
      {"wider", op("DepthToSpace", two), {f32({-1, 8, 3, 3})}, {f32({-1, 2, 6, 6})}},
      {"deeper", op("SpaceToDepth", two), {f32({-1, 2, 6, 6})}, {f32({-1, 8, 3, 3})}},
      {"no block", op("DepthToSpace"), {f32({1, 8, 3, 3})}, {}, true},
      {"by scales",
       op("Resize"),
       {f32({-1, 3, 4, 5}), f32({0}), f32({4})},
       {f32({-1, 3, 8, 3})},
       false,
       {Tensor(), Tensor(), scales}},
      {"by sizes",
       op("Resize"),
       {f32({1, 3, 4, 5}), f32({0}), f32({0}), i64({4})},
       {f32({1, 3, 7, 7})},
       false,
       {Tensor(), Tensor(), Tensor(), integers({1, 3, 7, 7})}},
      {"scales of another rank",
       op("Resize"),
       {f32({4, 5}), f32({0}), f32({4})},
       {},
       true,
       {Tensor(), Tensor(), scales}},
      {"by attribute (operator set 7)",
       op("Upsample", {{"scales", std::vector<float>{1, 2}}}),
       {f32({4, 5})},
       {f32({4, 10})},
       false,
       {},
       7},
      {"sampled", op("GridSample"), {f32({2, 3, 4, 5}), f32({2, 6, 7, 2})}, {f32({2, 3, 6, 7})}},
      {"regions", op("RoiAlign"), {f32({1, 3, 9, 9}), f32({-1, 4})}, {f32({-1, 3, 1, 1})}},
      {"boxes", op("NonMaxSuppression"), {f32({1, 5, 4}), f32({1, 2, 5})}, {i64({-1, 3})}},
      {"the middle",
       op("CenterCropPad", {{"axes", Ints{1}}}),
       {f32({-1, 9}), i64({1})},
       {f32({-1, 4})},
       false,
       {Tensor(), integers({4})}},
      {"blocks",
       op("Col2Im"),
       {f32({-1, 8, 6}), i64({2}), i64({2})},
       {f32({-1, -1, 5, 5})},
       false,
       {Tensor(), integers({5, 5})}},
      {"a grid",
       op("AffineGrid"),
       {f32({2, 2, 3}), i64({4})},
       {f32({2, 5, 6, 2})},
       false,
       {Tensor(), integers({2, 3, 5, 6})}},
      {"larger", op("MaxUnpool"), {f32({1, 1, 2}), i64({1, 1, 2})}, {f32({-1, -1, -1})}},
  });
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall conv(Attributes attributes, std::string op = "Conv") {
  return {std::move(op), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaConv, TellsShapesAndRefusesMisfits) {
  check({
      {"a window without padding shrinks",
       conv({}),
       {f32({-1, 3, 32, 32}), f32({6, 3, 5, 5})},
       {f32({-1, 6, 28, 28})}},
      {"padding 1 keeps a 3x3",
       conv({{"pads", Ints{1, 1, 1, 1}}}),
       {f32({2, 1, 28, 28}), f32({32, 1, 3, 3}), f32({32})},
       {f32({2, 32, 28, 28})}},
      {"stride and dilation",
       conv({{"strides", Ints{2, 2}}, {"dilations", Ints{2, 2}}}),
       {f32({1, 1, 9, 9}), f32({1, 1, 3, 3})},
       {f32({1, 1, 3, 3})}},
      {"depthwise",
       conv({{"group", std::int64_t{8}}}),
       {f32({1, 8, 4, 4}), f32({8, 1, 1, 1})},
       {f32({1, 8, 4, 4})}},
      {"one dimension", conv({}), {f32({1, 2, 10}), f32({4, 2, 3})}, {f32({1, 4, 8})}},
      {"three dimensions",
       conv({}),
       {f32({1, 1, 4, 5, 6}), f32({2, 1, 2, 2, 2})},
       {f32({1, 2, 3, 4, 5})}},
      {"places moved by offsets",
       {"DeformConv", "", "", {}, {}, {}},
       {f32({-1, 2, 5, 5}), f32({4, 2, 3, 3}), f32({-1, 18, 3, 3}), f32({4})},
       {f32({-1, 4, 3, 3})}},
      {"SAME rounds up",
       conv({{"auto_pad", "SAME_UPPER"}, {"strides", Ints{2, 2}}}),
       {f32({1, 1, 7, 8}), f32({1, 1, 3, 3})},
       {f32({1, 1, 4, 4})}},
      {"unknown height stays unknown",
       conv({}),
       {f32({1, 1, -1, 8}), f32({1, 1, 3, 3})},
       {f32({1, 1, -1, 6})}},
      {"channels differ", conv({}), {f32({1, 4, 8, 8}), f32({1, 3, 3, 3})}, {}, true},
      {"window larger than input", conv({}), {f32({1, 1, 2, 2}), f32({1, 1, 3, 3})}, {}, true},
      {"bias of another length",
       conv({}),
       {f32({1, 1, 8, 8}), f32({4, 1, 3, 3}), f32({3})},
       {},
       true},
      {"stride 0",
       conv({{"strides", Ints{0, 1}}}),
       {f32({1, 1, 8, 8}), f32({1, 1, 3, 3})},
       {},
       true},
      {"huge dilation does not overflow",
       conv({{"dilations", Ints{INT64_MAX, 1}}}),
       {f32({1, 1, 8, 8}), f32({1, 1, 3, 3})},
       {},
       true},
      {"transposed",
       conv({{"strides", Ints{2, 2}}}, "ConvTranspose"),
       {f32({1, 3, 4, 4}), f32({3, 5, 2, 2})},
       {f32({1, 5, 8, 8})}},
  });
}

}  // namespace
}  // namespace tenbin

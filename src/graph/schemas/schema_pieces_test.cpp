// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}
Attributes axis(std::int64_t at) { return {{"axis", at}}; }

TEST(SchemaPieces, TellsShapesAndRefusesMisfits) {
  const Tensor none;
  check({
      {"columns side by side", op("Concat", axis(1)), {f32({-1, 2}), f32({-1, 3})}, {f32({-1, 5})}},
      {"rows differ", op("Concat", axis(1)), {f32({4, 2}), f32({5, 3})}, {}, true},
      {"range",
       op("Slice"),
       {f32({5, 8}), i64({1}), i64({1}), i64({1})},
       {f32({5, 3})},
       false,
       {none, integers({2}), integers({5}), integers({1})}},
      {"backwards to the front",
       op("Slice"),
       {f32({5}), i64({1}), i64({1}), i64({1}), i64({1})},
       {f32({5})},
       false,
       {none, integers({-1}), integers({INT64_MIN}), integers({0}), integers({-1})}},
      {"to the end",
       op("Slice"),
       {f32({5}), i64({1}), i64({1}), i64({1})},
       {f32({2})},
       false,
       {none, integers({-2}), integers({INT64_MAX}), integers({0})}},
      {"step 0",
       op("Slice"),
       {f32({5}), i64({1}), i64({1}), i64({1}), i64({1})},
       {},
       true,
       {none, integers({0}), integers({5}), integers({0}), integers({0})}},
      {"rows by index", op("Gather"), {f32({100, 8}), i64({-1, 3})}, {f32({-1, 3, 8})}},
      {"one column", op("Gather", axis(1)), {f32({-1, 8}), i64({})}, {f32({-1})}},
      {"halves", op("Split", axis(1)), {f32({2, 5})}, {f32({2, 3}), f32({2, 2})}},
      {"sizes must add up",
       op("Split", axis(1)),
       {f32({2, 5}), i64({1})},
       {},
       true,
       {none, integers({4})}},
      {"border",
       op("Pad"),
       {f32({1, 1, 4, 4}), i64({8})},
       {f32({1, 1, 6, 6})},
       false,
       {none, integers({0, 0, 1, 1, 0, 0, 1, 1})}},
      {"removes too much", op("Pad"), {f32({2}), i64({2})}, {}, true, {none, integers({-2, -1})}},
  });
}

}  // namespace
}  // namespace tenbin

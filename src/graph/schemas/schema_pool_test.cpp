// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall pool(std::string op, Attributes attributes = {}) {
  return {std::move(op), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaPool, TellsShapesAndRefusesMisfits) {
  const Attributes halve = {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}};
  check({
      {"half of 28", pool("MaxPool", halve), {f32({-1, 32, 28, 28})}, {f32({-1, 32, 14, 14})}},
      {"an odd row is left out",
       pool("AveragePool", halve),
       {f32({1, 1, 7, 7})},
       {f32({1, 1, 3, 3})}},
      {"unless sizes are rounded up",
       pool(
           "MaxPool",
           {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"ceil_mode", std::int64_t{1}}}),
       {f32({1, 1, 7, 7})},
       {f32({1, 1, 4, 4})}},
      {"indices are integers",
       pool("MaxPool", halve),
       {f32({1, 1, 4, 4})},
       {f32({1, 1, 2, 2}), i64({1, 1, 2, 2})}},
      {"global", pool("GlobalAveragePool"), {f32({-1, 8, 7, 7})}, {f32({-1, 8, 1, 1})}},
      {"no window given", pool("MaxPool"), {f32({1, 1, 4, 4})}, {}, true},
      {"no plane", pool("GlobalMaxPool"), {f32({1, 4})}, {}, true},
  });
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaReduce, TellsShapes) {
  const std::int64_t no = 0;
  check({
      {"all axes", op("ReduceMean"), {f32({2, 3})}, {f32({1, 1})}},
      {"all axes away", op("ReduceSum", {{"keepdims", no}}), {f32({2, 3})}, {f32({})}},
      {"some",
       op("ReduceMean", {{"axes", Ints{-1, 2}}, {"keepdims", no}}),
       {f32({-1, 8, 7, 7})},
       {f32({-1, 8})}},
      {"axes by input",
       op("ReduceSum"),
       {f32({-1, 8}), i64({1})},
       {f32({-1, 1})},
       false,
       {Tensor(), integers({1})}},
      {"axis out of range", op("ReduceMax", {{"axes", Ints{2}}}), {f32({2, 3})}, {}, true},
      {"labels",
       op("ArgMax", {{"axis", std::int64_t{1}}, {"keepdims", no}}),
       {f32({-1, 10})},
       {i64({-1})}},
      {"best five",
       op("TopK"),
       {f32({-1, 10}), i64({1})},
       {f32({-1, 5}), i64({-1, 5})},
       false,
       {Tensor(), integers({5})}},
  });
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaSelect, TellsShapes) {
  const std::int64_t one = 1;
  check({
      {"elements replaced", op("ScatterND"), {f32({-1, 3}), i64({2, 1})}, {f32({-1, 3})}},
      {"another type", op("EyeLike", {{"dtype", std::int64_t{7}}}), {f32({2, 3})}, {i64({2, 3})}},
      {"slices", op("GatherND"), {f32({4, 5, 6}), i64({-1, 2})}, {f32({-1, 6})}},
      {"shared batch",
       op("GatherND", {{"batch_dims", one}}),
       {f32({4, 5, 6}), i64({4, 1})},
       {f32({4, 6})}},
      {"too many indices", op("GatherND"), {f32({4}), i64({3, 2})}, {}, true},
      {"flat", op("Compress"), {f32({2, 3}), boolean({6})}, {f32({-1})}},
      {"columns", op("Compress", {{"axis", one}}), {f32({2, 3}), boolean({3})}, {f32({2, -1})}},
      {"no such axis", op("Compress", {{"axis", std::int64_t{2}}}), {f32({2, 3})}, {}, true},
      {"places", op("NonZero"), {f32({2, 3})}, {i64({2, -1})}},
      {"values and places",
       op("Unique"),
       {f32({2, 3})},
       {f32({-1}), i64({-1}), i64({-1}), i64({-1})}},
  });
}

}  // namespace
}  // namespace tenbin

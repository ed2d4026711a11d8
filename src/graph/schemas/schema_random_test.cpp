// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaRandom, TellsShapes) {
  const Attributes whole = {{"dtype", std::int64_t{7}}};
  check({
      {"as given", op("RandomNormal", {{"shape", Ints{2, 3}}}), {}, {f32({2, 3})}},
      {"a size below 0", op("RandomUniform", {{"shape", Ints{2, -3}}}), {}, {}, true},
      {"like another", op("RandomNormalLike"), {f32({-1, 3})}, {f32({-1, 3})}},
      {"of another type", op("Bernoulli", whole), {f32({-1, 3})}, {i64({-1, 3})}},
      {"classes",
       op("Multinomial", {{"dtype", std::int64_t{7}}, {"sample_size", std::int64_t{5}}}),
       {f32({-1, 3})},
       {i64({-1, 5})}},
  });
}

}  // namespace
}  // namespace tenbin

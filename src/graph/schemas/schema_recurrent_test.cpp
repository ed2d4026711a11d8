// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

OpCall op(std::string name, Attributes attributes = {}) {
  return {std::move(name), "", "", {}, {}, std::move(attributes)};
}

TEST(SchemaRecurrent, TellsTypesAndShapes) {
  check({
      {"every step, then the last state and cell",
       op("LSTM", {{"hidden_size", std::int64_t{5}}}),
       {f32({7, -1, 3}), f32({1, 20, 3}), f32({1, 20, 5})},
       {f32({7, 1, -1, 5}), f32({1, -1, 5}), f32({1, -1, 5})}},
      {"both ways, batch first",
       op("GRU", {{"direction", std::string("bidirectional")}, {"layout", std::int64_t{1}}}),
       {f32({4, 7, 3}), f32({2, 15, 3}), f32({2, 15, 5})},
       {f32({4, 7, 2, 5}), f32({4, 2, 5})}},
      {"the attribute tells the width",
       op("RNN", {{"hidden_size", std::int64_t{5}}}),
       {f32({7, 2, 3}), of_unknown_rank(ElementType::kFloat32),
        of_unknown_rank(ElementType::kFloat32)},
       {f32({7, 1, 2, 5}), f32({1, 2, 5})}},
      {"no batch", op("RNN"), {f32({7, 3}), f32({1, 5, 3}), f32({1, 5, 5})}, {}, true},
  });
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/schemas/schema_case.h"

namespace tenbin {
namespace {

TEST(SchemaNormalization, KeepsTheShapeAndChecksTheChannels) {
  const OpCall batch{"BatchNormalization", "", "", {}, {}, {}};
  const OpCall layer{"LayerNormalization", "", "", {}, {}, {}};
  check({
      {"statistics of each channel",
       batch,
       {f32({-1, 8, 4, 4}), f32({8}), f32({8}), f32({8}), f32({8})},
       {f32({-1, 8, 4, 4})}},
      {"of features",
       batch,
       {f32({-1, 8}), f32({8}), f32({8}), f32({8}), f32({8})},
       {f32({-1, 8})}},
      {"another number of channels",
       batch,
       {f32({1, 8, 4, 4}), f32({8}), f32({7}), f32({8}), f32({8})},
       {},
       true},
      {"layer", layer, {f32({2, 3, 8}), f32({8})}, {f32({2, 3, 8}), f32({2, 3, 1})}},
  });
}

}  // namespace
}  // namespace tenbin

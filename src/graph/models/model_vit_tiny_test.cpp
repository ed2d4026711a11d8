// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelViTTiny, HasTheCountsSummedLayerByLayer) {
  expect_counts("vit_tiny", {}, 5'362'378, 359'204'736, 0);
}

TEST(ModelViTTiny, RefusesImagesThatPatchesDoNotTile) {
  const auto graph = build_model(*find_model("vit_tiny"), {.input = {3, 30, 32}});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code(), ErrorCode::kBadShape) << graph.error().to_string();
}

}  // namespace
}  // namespace tenbin

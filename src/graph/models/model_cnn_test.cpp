// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelCnn, HasTheCountsSummedLayerByLayer) {
  expect_counts("cnn", {}, 421'642 + 96, 4'241'152, 96 * 8 + 2 * 8);
}

TEST(ModelCnn, RefusesAnImageThatVanishes) {
  const auto graph = build_model(*find_model("cnn"), {.input = {1, 2, 2}});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code(), ErrorCode::kBadShape) << graph.error().to_string();
}

}  // namespace
}  // namespace tenbin

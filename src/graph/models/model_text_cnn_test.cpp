// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelTextCnn, HasTheCountsSummedLayerByLayer) {
  expect_counts("text_cnn", {}, 691'274, 2'992'000, 0);
}

TEST(ModelTextCnn, RefusesTextsShorterThanAWindow) {
  const auto graph = build_model(*find_model("text_cnn"), {.input = {4}});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code(), ErrorCode::kBadShape) << graph.error().to_string();
}

}  // namespace
}  // namespace tenbin

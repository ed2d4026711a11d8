// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelLstm, HasTheCountsSummedLayerByLayer) { expect_counts("lstm", {}, 21'642, 656'000, 0); }

TEST(ModelLstm, RefusesMoreLayersThanAreUseful) {
  const auto graph = build_model(*find_model("lstm"), {.depth = 17});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code(), ErrorCode::kBadValue) << graph.error().to_string();
}

}  // namespace
}  // namespace tenbin

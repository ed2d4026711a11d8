// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelTcn, HasTheCountsSummedLayerByLayer) { expect_counts("tcn", {}, 23'146, 2'883'904, 0); }

TEST(ModelTcn, RefusesMoreBlocksThanAnyLength) {
  const auto graph = build_model(*find_model("tcn"), {.depth = 17});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code(), ErrorCode::kBadValue) << graph.error().to_string();
}

}  // namespace
}  // namespace tenbin

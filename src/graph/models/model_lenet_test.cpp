// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelLeNet, HasTheCountsOfTheStudy) { expect_counts("lenet", {}, 62'006, 651'720, 0); }

TEST(ModelLeNet, RefusesAnImageThatVanishes) {
  const auto graph = build_model(*find_model("lenet"), {.input = {3, 8, 8}});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code(), ErrorCode::kBadShape) << graph.error().to_string();
}

}  // namespace
}  // namespace tenbin

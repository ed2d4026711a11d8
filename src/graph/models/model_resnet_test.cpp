// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelResNet, HasTheCountsSummedLayerByLayer) {
  expect_counts("resnet", {}, 272'474, 40'813'184, 6'440);
}

TEST(ModelResNet, RefusesADepthThatIsNotSixNAndTwo) {
  const auto graph = build_model(*find_model("resnet"), {.depth = 21});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code(), ErrorCode::kBadValue) << graph.error().to_string();
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelSimpleDLA, HasTheCountsSummedLayerByLayer) {
  expect_counts("simpledla", {}, 15'142'970, 913'495'040, 65'336);
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelResNeXt29, HasTheCountsSummedLayerByLayer) {
  expect_counts("resnext29_2x64d", {}, 9'128'778, 1'409'492'992, 101'112);
}

}  // namespace
}  // namespace tenbin

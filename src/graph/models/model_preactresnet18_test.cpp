// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelPreActResNet18, HasTheCountsSummedLayerByLayer) {
  expect_counts("preactresnet18", {}, 11'171'146, 555'422'720, 27'264);
}

}  // namespace
}  // namespace tenbin

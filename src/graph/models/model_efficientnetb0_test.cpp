// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelEfficientNetB0, HasTheCountsSummedLayerByLayer) {
  expect_counts("efficientnetb0", {}, 3'599'686, 30'331'392, 158'472);
}

}  // namespace
}  // namespace tenbin

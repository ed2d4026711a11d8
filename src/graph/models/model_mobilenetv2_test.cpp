// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelMobileNetV2, HasTheCountsSummedLayerByLayer) {
  expect_counts("mobilenetv2", {}, 2'296'922, 91'154'944, 140'808);
}

}  // namespace
}  // namespace tenbin

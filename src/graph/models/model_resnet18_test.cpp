// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelResNet18, HasTheCountsOfTheStudy) {
  expect_counts("resnet18", {}, 11'173'962, 555'422'720, 38'560);
}

}  // namespace
}  // namespace tenbin

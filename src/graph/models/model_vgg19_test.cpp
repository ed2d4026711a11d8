// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelVgg19, HasTheCountsOfTheStudy) {
  expect_counts("vgg19", {}, 20'040'522, 398'136'320, 44'160);
}

}  // namespace
}  // namespace tenbin

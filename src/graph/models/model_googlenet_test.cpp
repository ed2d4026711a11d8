// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelGoogLeNet, HasTheCountsOfTheStudy) {
  expect_counts("googlenet", {}, 6'166'250, 1'521'756'160, 63'744);
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelMobileNet, HasTheCountsOfTheStudy) {
  expect_counts("mobilenet", {}, 3'217'226, 46'354'432, 87'768);
}

}  // namespace
}  // namespace tenbin

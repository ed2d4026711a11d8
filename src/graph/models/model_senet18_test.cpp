// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelSENet18, HasTheCountsOfTheStudy) {
  expect_counts("senet18", {}, 11'260'354, 555'509'760, 27'784);
}

}  // namespace
}  // namespace tenbin

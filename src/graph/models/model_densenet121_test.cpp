// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelDenseNet121, HasTheCountsOfTheStudy) {
  expect_counts("densenet121", {}, 6'956'298, 888'350'720, 335'040);
}

}  // namespace
}  // namespace tenbin

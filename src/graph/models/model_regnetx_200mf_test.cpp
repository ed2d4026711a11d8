// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelRegNetX200MF, HasTheCountsSummedLayerByLayer) {
  expect_counts("regnetx_200mf", {}, 2'321'946, 223'317'600, 84'000);
}

}  // namespace
}  // namespace tenbin

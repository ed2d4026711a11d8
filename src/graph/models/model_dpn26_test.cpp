// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelDpn26, HasTheCountsSummedLayerByLayer) {
  expect_counts("dpn26", {}, 11'574'842, 665'050'880, 143'784);
}

}  // namespace
}  // namespace tenbin

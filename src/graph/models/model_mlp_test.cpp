// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(ModelMlp, HasTheCountsSummedLayerByLayer) {
  expect_counts("mlp", {}, 17 * 128 + 129 * 128 + 129 * 10, 16 * 128 + 128 * 128 + 128 * 10, 0);
  expect_counts("mlp", {.input = {5}, .classes = 2, .width = 0.25, .depth = 1}, 6 * 32 + 33 * 2,
                5 * 32 + 32 * 2, 0);
}

}  // namespace
}  // namespace tenbin

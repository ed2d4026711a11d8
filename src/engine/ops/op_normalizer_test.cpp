// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpNormalizer, BringsRowsToSizeOne) {
  const auto by = [](const char* norm, const Tensor& in) {
    return run_op(op_call("Normalizer", 1, {{"norm", std::string(norm)}}, "ai.onnx.ml"), {in});
  };
  const Tensor in = Tensor::of<float>({2, 2}, {3, 4, 0, 0});
  EXPECT_EQ(by("L2", in)->front(), Tensor::of<float>({2, 2}, {0.6F, 0.8F, 0, 0}))
      << "a row of zeros stays";
  EXPECT_EQ(by("MAX", in)->front(), Tensor::of<float>({2, 2}, {0.75F, 1, 0, 0}));
  EXPECT_FALSE(by("L3", in).ok());
}

}  // namespace
}  // namespace tenbin

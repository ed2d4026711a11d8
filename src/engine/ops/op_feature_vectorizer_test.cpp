// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpFeatureVectorizer, JoinsRowsCutsAndPads) {
  const OpCall call = op_call("FeatureVectorizer", 2,
                              {{"inputdimensions", std::vector<std::int64_t>{1, 3}}}, "ai.onnx.ml");
  const Tensor a = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  const auto out = run_op(call, {a, Tensor::of<std::int64_t>({2, 1}, {5, 6})});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->front(), Tensor::of<float>({2, 4}, {1, 5, 0, 0, 3, 6, 0, 0}));
  EXPECT_FALSE(run_op(call, {a, Tensor::of<float>({1, 1}, {5})}).ok()) << "other rows";
}

}  // namespace
}  // namespace tenbin

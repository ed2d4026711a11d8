// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpDet, OfMatrices) {
  EXPECT_EQ(run_op(op_call("Det", 1),
                   {Tensor::of<double>({3, 2, 2}, {0, 1, 1, 0, 2, 0, 0, 3, 1, 2, 2, 4})})
                ->front(),
            Tensor::of<double>({3}, {-1, 6, 0}));
  EXPECT_EQ(run_op(op_call("Det", 1), {Tensor::of<double>({1, 1}, {5})})->front(),
            Tensor::scalar(5.0));
  EXPECT_FALSE(run_op(op_call("Det", 1), {Tensor(ElementType::kFloat32, {2, 3})}).ok());
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpDense, Multiplies) {
  const Tensor a = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor w = Tensor::of<float>({2, 3}, {1, 0, 1, 0, 1, 0});
  EXPECT_EQ(run_op(op_call("Gemm", 3, {{"transB", std::int64_t{1}}}),
                   {a, w, Tensor::of<float>({2}, {10, 20})})
                ->front(),
            Tensor::of<float>({2, 2}, {14, 22, 20, 25}));
  EXPECT_EQ(
      run_op(op_call("Gemm", 2, {{"transA", std::int64_t{1}}, {"alpha", 2.0F}}), {a, w})->front(),
      Tensor::of<float>({3, 3}, {2, 8, 2, 4, 10, 4, 6, 12, 6}));
  EXPECT_EQ(run_op(op_call("MatMul", 2), {Tensor::of<std::int32_t>({2, 1, 2}, {1, 2, 3, 4}),
                                          Tensor::of<std::int32_t>({2}, {1, 10})})
                ->front(),
            Tensor::of<std::int32_t>({2, 1}, {21, 43}))
      << "a stack of matrices by a vector";
  EXPECT_FALSE(run_op(op_call("MatMul", 2), {a, w}).ok()) << "inner sizes differ";
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

void expect_close(const Tensor& found, const Tensor& wanted) {
  ASSERT_EQ(found.shape(), wanted.shape());
  for (std::size_t i = 0; i < wanted.data<double>().size(); ++i) {
    EXPECT_NEAR(found.data<double>()[i], wanted.data<double>()[i], 1e-9) << i;
  }
}

TEST(OpFourier, Transforms) {
  const Tensor x = Tensor::of<double>({1, 3, 1}, {1, 2, 3});
  const auto all = run_op(op_call("DFT", 1), {x});
  ASSERT_TRUE(all.ok()) << all.error().to_string();
  const double root = 0.8660254037844386;
  expect_close(all->front(), Tensor::of<double>({1, 3, 2}, {6, 0, -1.5, root, -1.5, -root}));
  const auto back = run_op(op_call("DFT", 1, {{"inverse", std::int64_t{1}}}), {all->front()});
  expect_close(back->front(), Tensor::of<double>({1, 3, 2}, {1, 0, 2, 0, 3, 0}));
  const auto one_sided = run_op(op_call("DFT", 2, {{"onesided", std::int64_t{1}}}),
                                {x, Tensor::scalar<std::int64_t>(2)});
  expect_close(one_sided->front(), Tensor::of<double>({1, 2, 2}, {3, 0, -1, 0}));
}

TEST(OpFourier, TransformsFrames) {
  const auto out = run_op(op_call("STFT", 4), {Tensor::of<double>({1, 4}, {1, 2, 3, 5}),
                                               Tensor::scalar<std::int64_t>(2), Tensor(),
                                               Tensor::scalar<std::int64_t>(2)});
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  expect_close(out->front(), Tensor::of<double>({1, 2, 2, 2}, {3, 0, -1, 0, 8, 0, -2, 0}));
}

TEST(OpFourier, RefusesLengthsPastTheLimits) {
  const Tensor x = Tensor::of<double>({1, 3, 1}, {1, 2, 3});
  for (const std::int64_t length : {std::int64_t{-1}, INT64_MAX}) {
    EXPECT_FALSE(run_op(op_call("DFT", 2), {x, Tensor::scalar(length)}).ok()) << length;
  }
  EXPECT_FALSE(run_op(op_call("STFT", 2), {x, Tensor::scalar<std::int64_t>(0)}).ok());
  EXPECT_FALSE(run_op(op_call("STFT", 4), {x, Tensor::scalar<std::int64_t>(1), Tensor(),
                                           Tensor::scalar<std::int64_t>(4)})
                   .ok());
}

}  // namespace
}  // namespace tenbin

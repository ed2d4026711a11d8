// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/op_case.h"
#include "engine/recurrent_case.h"

namespace tenbin {
namespace {

TEST(OpGru, MixesOldAndNewByItsGate) {
  // All weights zero: z = 1/2 and the candidate is tanh of its bias.
  const std::vector<Tensor> inputs = {Tensor::of<float>({1, 1, 1}, {1}),
                                      Tensor(ElementType::kFloat32, {1, 3, 1}),
                                      Tensor(ElementType::kFloat32, {1, 3, 1}),
                                      Tensor::of<float>({1, 6}, {0, 0, 0.5F, 0, 0, 0.25F}),
                                      Tensor(),
                                      Tensor::of<float>({1, 1, 1}, {2})};
  const auto out = run_op(op_call("GRU", 6, {{"hidden_size", std::int64_t{1}}}, "", 2), inputs);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_NEAR((*out)[1].data<float>()[0], 0.5F * std::tanh(0.75F) + 1, 1e-6);
  // The reset gate halves the recurrent bias when it comes after the product.
  const auto linear = run_op(
      op_call("GRU", 6,
              {{"hidden_size", std::int64_t{1}}, {"linear_before_reset", std::int64_t{1}}}, "", 2),
      inputs);
  ASSERT_TRUE(linear.ok()) << linear.error().to_string();
  EXPECT_NEAR((*linear)[1].data<float>()[0], 0.5F * std::tanh(0.625F) + 1, 1e-6);
}

TEST(OpGru, ShortRowsEndWithTheirOwnState) {
  const OpProbe probe = recurrent_probes("GRU", 3, 2)[0];
  const auto out = run_op(probe.call, probe.inputs);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  const auto y = (*out)[0].data<float>(), last = (*out)[1].data<float>();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(y[((1 * 2 + 0) * 2 + 1) * 3 + i], last[(0 * 2 + 1) * 3 + i]) << "forwards";
    EXPECT_EQ(y[((0 * 2 + 1) * 2 + 1) * 3 + i], last[(1 * 2 + 1) * 3 + i]) << "backwards";
    EXPECT_EQ(y[((2 * 2 + 0) * 2 + 1) * 3 + i], 0) << "past the end";
  }
}

TEST(OpGru, DoublesAgreeWithFloats) {
  const OpProbe probe = recurrent_probes("GRU", 3, 2)[0];
  const auto single = run_op(probe.call, probe.inputs);
  std::vector<Tensor> wide;
  for (const Tensor& input : probe.inputs) {
    if (input.type() != ElementType::kFloat32) {
      wide.push_back(input);
      continue;
    }
    Tensor out(ElementType::kFloat64, input.shape());
    std::copy(input.data<float>().begin(), input.data<float>().end(), out.data<double>().begin());
    wide.push_back(std::move(out));
  }
  const auto twice = run_op(probe.call, wide);
  ASSERT_TRUE(single.ok() && twice.ok());
  for (std::size_t i = 0; i < 48; ++i) {
    EXPECT_NEAR((*single)[0].data<float>()[i], (*twice)[0].data<double>()[i], 1e-6);
  }
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/op_case.h"

namespace tenbin {
namespace {

constexpr std::int64_t kCount = 10'000;

double mean_of(const Tensor& tensor) {
  double sum = 0;
  for (const float x : tensor.data<float>()) sum += static_cast<double>(x);
  return sum / static_cast<double>(tensor.count());
}

TEST(OpRandom, DrawsByTheParameters) {
  const Attributes shape = {{"shape", std::vector<std::int64_t>{kCount}},
                            {"mean", 3.0F},
                            {"scale", 2.0F},
                            {"low", -1.0F},
                            {"high", 5.0F}};
  const auto normal = run_op(op_call("RandomNormal", 0, shape), {});
  ASSERT_TRUE(normal.ok());
  EXPECT_NEAR(mean_of(normal->front()), 3, 0.1) << "five standard errors";
  const auto uniform = run_op(op_call("RandomUniform", 0, shape), {});
  EXPECT_NEAR(mean_of(uniform->front()), 2, 0.09);
  const auto values = uniform->front().data<float>();
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -1);
  EXPECT_EQ(run_op(op_call("RandomNormal", 0, shape), {})->front(), normal->front())
      << "a run can be repeated";
  Attributes seeded = shape;
  seeded["seed"] = 1.0F;
  EXPECT_FALSE(run_op(op_call("RandomNormal", 0, seeded), {})->front() == normal->front());
}

TEST(OpRandom, DrawsByShares) {
  Tensor share(ElementType::kFloat32, {kCount});
  for (float& p : share.data<float>()) p = 0.25F;
  const auto hits = run_op(op_call("Bernoulli", 1), {share});
  ASSERT_TRUE(hits.ok());
  EXPECT_NEAR(mean_of(hits->front()), 0.25, 0.022);
  const Tensor logs = Tensor::of<float>({1, 3}, {std::log(0.5F), -100, std::log(0.5F)});
  const auto drawn = run_op(op_call("Multinomial", 1, {{"sample_size", kCount}}), {logs});
  ASSERT_TRUE(drawn.ok());
  const auto classes = drawn->front().data<std::int32_t>();
  EXPECT_EQ(std::count(classes.begin(), classes.end(), 1), 0);
  EXPECT_NEAR(static_cast<double>(std::count(classes.begin(), classes.end(), 0)), 5000, 250);
}

TEST(OpRandom, RefusesSizesPastTheLimits) {
  const OpCall call = op_call("RandomNormal", 0, {{"shape", std::vector<std::int64_t>{1LL << 40}}});
  EXPECT_FALSE(run_op(call, {}).ok());
  EXPECT_FALSE(run_op(op_call("Multinomial", 1, {{"sample_size", INT64_MAX}}),
                      {Tensor(ElementType::kFloat32, {1, 2})})
                   .ok());
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/op_case.h"

namespace tenbin {
namespace {

TEST(OpSignalWindow, HasThreeWindows) {
  const auto at = [](const char* op, std::int64_t periodic, std::size_t place) {
    const Attributes attributes = {{"periodic", periodic}, {"output_datatype", std::int64_t{11}}};
    return run_op(op_call(op, 1, attributes), {Tensor::scalar<std::int64_t>(5)})
        ->front()
        .data<double>()[place];
  };
  EXPECT_NEAR(at("HannWindow", 0, 2), 1, 1e-12);
  EXPECT_NEAR(at("HannWindow", 0, 4), 0, 1e-12) << "symmetric: ends where it began";
  EXPECT_NEAR(at("HannWindow", 1, 4), 0.34549150281252633, 1e-12) << "periodic: does not";
  EXPECT_NEAR(at("HammingWindow", 0, 0), 4.0 / 46, 1e-12);
  EXPECT_NEAR(at("BlackmanWindow", 0, 0), 0, 1e-12);
  EXPECT_NEAR(at("BlackmanWindow", 0, 2), 1, 1e-12);
  EXPECT_FALSE(run_op(op_call("HannWindow", 1), {Tensor::scalar<std::int64_t>(-1)}).ok());
  EXPECT_FALSE(run_op(op_call("HannWindow", 1), {Tensor::scalar(INT64_MAX)}).ok());
}

TEST(OpSignalWindow, SpreadsBandsEvenlyInMels) {
  const auto mel = [](std::int64_t bands, float high) {
    return run_op(op_call("MelWeightMatrix", 5),
                  {Tensor::scalar(bands), Tensor::scalar<std::int64_t>(16),
                   Tensor::scalar<std::int64_t>(8192), Tensor::scalar(0.0F), Tensor::scalar(high)});
  };
  const auto out = mel(2, 4096);
  ASSERT_TRUE(out.ok()) << out.error().to_string();
  EXPECT_EQ(out->front(), Tensor::of<float>({9, 2}, {1, 0, 0.5F, 0.5F, 0, 1, 0, 0.5F, 0, 0, 0, 0, 0,
                                                     0, 0, 0, 0, 0}));
  EXPECT_FALSE(mel(INT64_MAX, 4096).ok());
  EXPECT_FALSE(mel(2, 1e9F).ok());
}

}  // namespace
}  // namespace tenbin

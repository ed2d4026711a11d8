// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

TEST(MethodModelConfig, LeavesOutTheBatchDimension) {
  RouteCase server;
  inference::ModelConfigRequest request;
  request.set_name("mlp");
  inference::ModelConfigResponse answer;
  ASSERT_TRUE(answer.ParseFromString(
      RouteCase::messages(server.call(kService + "ModelConfig", {request.SerializeAsString()}))
          .at(0)));
  EXPECT_EQ(answer.config().max_batch_size(), 4096);
  EXPECT_EQ(answer.config().input(0).data_type(), inference::TYPE_FP32);
  ASSERT_EQ(answer.config().input(0).dims_size(), 1);
  EXPECT_EQ(answer.config().input(0).dims(0), 64);
}

}  // namespace
}  // namespace tenbin

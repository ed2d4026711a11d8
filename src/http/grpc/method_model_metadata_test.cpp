// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

TEST(MethodModelMetadata, DescribesTensors) {
  RouteCase server;
  inference::ModelMetadataRequest request;
  request.set_name("mlp");
  inference::ModelMetadataResponse answer;
  ASSERT_TRUE(answer.ParseFromString(
      RouteCase::messages(server.call(kService + "ModelMetadata", {request.SerializeAsString()}))
          .at(0)));
  EXPECT_EQ(answer.platform(), "onnx_onnxv1");
  ASSERT_EQ(answer.inputs_size(), 1);
  EXPECT_EQ(answer.inputs(0).name(), "x");
  EXPECT_EQ(answer.inputs(0).datatype(), "FP32");
  EXPECT_EQ(answer.inputs(0).shape(0), -1);
  EXPECT_EQ(answer.inputs(0).shape(1), 64);
}

}  // namespace
}  // namespace tenbin

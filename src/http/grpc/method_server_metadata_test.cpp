// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

TEST(MethodServerMetadata, NamesItself) {
  RouteCase server;
  inference::ServerMetadataResponse answer;
  ASSERT_TRUE(answer.ParseFromString(
      RouteCase::messages(server.call(kService + "ServerMetadata", {""})).at(0)));
  EXPECT_EQ(answer.name(), "tenbin");
  EXPECT_EQ(answer.extensions(0), "binary_tensor_data");
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/reflection.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

namespace reflection = grpc::reflection::v1;

TEST(MethodReflectionAlpha, ListsServicesAndDescribesThem) {
  RouteCase server;
  reflection::ServerReflectionRequest list, symbol, file, unknown;
  list.set_list_services("*");
  symbol.set_file_containing_symbol("inference.GRPCInferenceService");
  file.set_file_by_filename("http/grpc/health.proto");
  unknown.set_file_containing_symbol("inference.Nothing2");
  const HttpResponse answer =
      server.call("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                  {list.SerializeAsString(), symbol.SerializeAsString(), file.SerializeAsString(),
                   unknown.SerializeAsString()});
  const auto messages = RouteCase::messages(answer);
  ASSERT_EQ(messages.size(), 4u);
  reflection::ServerReflectionResponse response;
  ASSERT_TRUE(response.ParseFromString(messages[0]));
  EXPECT_EQ(response.list_services_response().service(0).name(), "inference.GRPCInferenceService");
  EXPECT_EQ(response.list_services_response().service(2).name(),
            "grpc.reflection.v1alpha.ServerReflection");
  ASSERT_TRUE(response.ParseFromString(messages[1]));
  EXPECT_NE(response.file_descriptor_response().file_descriptor_proto(0).find("ModelInferRequest"),
            std::string::npos);
  ASSERT_TRUE(response.ParseFromString(messages[2]));
  EXPECT_NE(response.file_descriptor_response().file_descriptor_proto(0).find("HealthCheckRequest"),
            std::string::npos);
  ASSERT_TRUE(response.ParseFromString(messages[3]));
  EXPECT_EQ(response.error_response().error_code(), 5);
}

}  // namespace
}  // namespace tenbin

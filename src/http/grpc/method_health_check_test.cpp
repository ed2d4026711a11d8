// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/health.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

using Health = grpc::health::v1::HealthCheckResponse;

TEST(MethodHealthCheck, KnowsServerServicesAndModels) {
  RouteCase server;
  const auto ask = [&](const std::string& name) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(name);
    return server.call("/grpc.health.v1.Health/Check", {request.SerializeAsString()});
  };
  for (const char* name : {"", "mlp", "inference.GRPCInferenceService"}) {
    Health answer;
    ASSERT_TRUE(answer.ParseFromString(RouteCase::messages(ask(name)).at(0)));
    EXPECT_EQ(answer.status(), Health::SERVING) << name;
  }
  EXPECT_EQ(RouteCase::grpc_status_of(ask("other")), "5");
  server.serving().models().drain();
  Health answer;
  ASSERT_TRUE(answer.ParseFromString(RouteCase::messages(ask("")).at(0)));
  EXPECT_EQ(answer.status(), Health::NOT_SERVING);
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/health.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(MethodHealthWatch, TellsTheStateAndEndsWithTheServer) {
  RouteCase server;
  server.serving().models().drain();
  const HttpResponse answer = server.call("/grpc.health.v1.Health/Watch", {""});
  EXPECT_EQ(RouteCase::grpc_status_of(answer), "0");
  ASSERT_EQ(RouteCase::messages(answer).size(), 1u);
  grpc::health::v1::HealthCheckResponse state;
  ASSERT_TRUE(state.ParseFromString(RouteCase::messages(answer)[0]));
  EXPECT_EQ(state.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
}

}  // namespace
}  // namespace tenbin

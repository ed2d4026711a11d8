// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

TEST(MethodServerLive, SaysSoWithoutAToken) {
  RouteCase server;
  server.access().always = true;
  const HttpResponse answer = server.call(kService + "ServerLive", {""});
  EXPECT_EQ(RouteCase::grpc_status_of(answer), "0");
  inference::ServerLiveResponse live;
  ASSERT_TRUE(live.ParseFromString(RouteCase::messages(answer).at(0)));
  EXPECT_TRUE(live.live());
}

TEST(MethodServerLive, RefusesWhatIsNoCall) {
  RouteCase server;
  EXPECT_EQ(RouteCase::grpc_status_of(server.call(kService + "ServerLive", {})), "3")
      << "no message";
  EXPECT_EQ(RouteCase::grpc_status_of(server.call(kService + "ServerLive", {"", ""})), "3")
      << "two";
  EXPECT_EQ(RouteCase::grpc_status_of(server.call(kService + "ServerLive", {"\xff"})), "3")
      << "not protobuf";
  EXPECT_EQ(RouteCase::grpc_status_of(server.call(kService + "Nothing", {""})), "12");
  EXPECT_EQ(RouteCase::grpc_status_of(server.call("/v2/health/live", {""})), "12")
      << "a path of HTTP is no method";
}

TEST(MethodServerLive, IsAskedByGrpcAlone) {
  RouteCase server;
  EXPECT_EQ(server.ask("POST", kService + "ServerLive", "{}").status, 415);
  EXPECT_EQ(server.ask("POST", kService + "Nothing", "{}").status, 404);
}

}  // namespace
}  // namespace tenbin

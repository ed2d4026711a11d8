// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

TEST(MethodServerReady, FollowsTheEnd) {
  RouteCase server;
  const auto ready = [&] {
    inference::ServerReadyResponse answer;
    EXPECT_TRUE(answer.ParseFromString(
        RouteCase::messages(server.call(kService + "ServerReady", {""})).at(0)));
    return answer.ready();
  };
  EXPECT_TRUE(ready());
  server.serving().models().drain();
  EXPECT_FALSE(ready());
}

}  // namespace
}  // namespace tenbin

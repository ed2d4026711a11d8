// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteReady, FollowsTheModelsAndTheEnd) {
  RouteCase server;
  EXPECT_EQ(server.ask("GET", "/v2/health/ready").status, 200);
  server.serving().models().drain();
  const HttpResponse answer = server.ask("GET", "/v2/health/ready");
  EXPECT_EQ(answer.status, 503) << "who balances load should send nothing more";
  EXPECT_FALSE(RouteCase::json(answer)["ready"].as_bool(true));
}

}  // namespace
}  // namespace tenbin

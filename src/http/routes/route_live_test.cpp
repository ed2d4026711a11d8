// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteLive, SaysSoWithoutAToken) {
  RouteCase server;
  server.access().always = true;
  const HttpResponse answer = server.ask("GET", "/v2/health/live");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(RouteCase::json(answer)["live"].as_bool());
  EXPECT_EQ(server.ask("HEAD", "/v2/health/live").status, 200);
  server.access().always = false;
  EXPECT_EQ(server.ask("POST", "/v2/health/live").status, 405);
}

}  // namespace
}  // namespace tenbin

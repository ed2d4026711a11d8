// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteRollout, TellsWhoAnswers) {
  RouteCase server;
  const HttpResponse response = server.ask("GET", "/api/v1/models/mlp/rollout");
  ASSERT_EQ(response.status, 200);
  const Json view = RouteCase::json(response);
  EXPECT_EQ(view["schema"].as_string(), "tenbin.rollout/1");
  EXPECT_TRUE(view["follows_newest"].as_bool());
  EXPECT_TRUE(view["canary"].is_null());
  EXPECT_EQ(view["versions"].items().size(), 1U);
  EXPECT_EQ(server.ask("GET", "/api/v1/models/none/rollout").status, 404);
}

}  // namespace
}  // namespace tenbin

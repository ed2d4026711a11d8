// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteRepositoryIndex, ListsStates) {
  RouteCase server;
  EXPECT_EQ(server.ask("POST", "/v2/repository/index").body,
            R"([{"name":"mlp","state":"READY","reason":""}])");
  EXPECT_EQ(server.ask("POST", "/v2/repository/index", R"({"ready":true})").body,
            R"([{"name":"mlp","state":"READY","reason":""}])");
  EXPECT_EQ(server.ask("POST", "/v2/repository/index", "{").status, 400);
}

}  // namespace
}  // namespace tenbin

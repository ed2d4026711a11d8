// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteModelReady, TellsReadyUnknownAndUnloaded) {
  RouteCase server([](ServeOptions& options) { options.allow_repository = true; });
  server.access().tokens = {{"root", "", Role::kAdmin}};
  EXPECT_EQ(server.ask("GET", "/v2/models/mlp/ready").status, 200);
  EXPECT_EQ(server.ask("GET", "/v2/models/other/ready").status, 404);
  const NewToken token = make_token("root", Role::kAdmin);
  server.access().tokens = {token.kept};
  ASSERT_EQ(server
                .ask("POST", "/v2/repository/models/mlp/unload", "",
                     {{"authorization", "Bearer " + token.token}})
                .status,
            200);
  const HttpResponse answer = server.ask("GET", "/v2/models/mlp/ready");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(RouteCase::json(answer).dump(), R"({"name":"mlp","ready":false})");
}

}  // namespace
}  // namespace tenbin

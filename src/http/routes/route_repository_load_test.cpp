// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteRepositoryLoad, NeedsPermissionAndAToken) {
  RouteCase closed;
  const NewToken token = make_token("root", Role::kAdmin);
  const std::vector<HttpRequest::Header> with = {{"authorization", "Bearer " + token.token}};
  closed.access().tokens = {token.kept};
  EXPECT_EQ(closed.ask("POST", "/v2/repository/models/mlp/load").status, 401);
  EXPECT_EQ(closed.ask("POST", "/v2/repository/models/mlp/load", "", with).status, 403);
  RouteCase server([](ServeOptions& options) { options.allow_repository = true; });
  server.access().tokens = {token.kept};
  EXPECT_EQ(server.ask("POST", "/v2/repository/models/mlp/load", "", with).status, 200);
  EXPECT_EQ(server.ask("POST", "/v2/repository/models/none/load", "", with).status, 404);
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteRepositoryUnload, TakesAModelOutAndLoadBringsItBack) {
  RouteCase server([](ServeOptions& options) { options.allow_repository = true; });
  const NewToken token = make_token("root", Role::kAdmin);
  const std::vector<HttpRequest::Header> with = {{"authorization", "Bearer " + token.token}};
  server.access().tokens = {token.kept};
  const std::string body = RouteCase::request(1);
  ASSERT_EQ(server.ask("POST", "/v2/repository/models/mlp/unload", "", with).status, 200);
  EXPECT_EQ(server.ask("POST", "/v2/models/mlp/infer", body).status, 503);
  EXPECT_EQ(
      RouteCase::header(server.ask("POST", "/v2/models/mlp/infer", body), "retry-after").size(),
      1u);
  ASSERT_EQ(server.ask("POST", "/v2/repository/models/mlp/load", "", with).status, 200);
  EXPECT_EQ(server.ask("POST", "/v2/models/mlp/infer", body).status, 200);
}

}  // namespace
}  // namespace tenbin

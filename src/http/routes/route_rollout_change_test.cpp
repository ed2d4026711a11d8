// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteRolloutChange, NeedsATokenAndOneChangeThatCanBe) {
  RouteCase server;
  const std::string path = "/api/v1/models/mlp/rollout";
  const NewToken token = make_token("root", Role::kAdmin);
  const std::vector<HttpRequest::Header> with = {{"authorization", "Bearer " + token.token}};
  server.access().tokens = {token.kept};
  EXPECT_EQ(server.ask("POST", path, R"({"rollback": true})").status, 401);
  struct Row {
    const char* body;
    int status;
    const char* says;
  };
  const Row rows[] = {
      {"", 400, "not valid JSON"},
      {"{}", 400, "one member"},
      {R"({"rollback": true, "follow": true})", 400, "one member"},
      {R"({"turn": true})", 400, "'turn' is no change"},
      {R"({"rollback": 7})", 400, "expected true"},
      {R"({"canary": {"share": 0.1}})", 400, "names its version"},
      {R"({"canary": {"version": "2"}})", 400, "a rollout needs two"},
      {R"({"promote": true})", 400, "no canary and no shadow"},
      {R"({"rollback": true})", 400, "no version before"},
      {R"({"follow": true})", 200, "follows_newest"},
  };
  for (const Row& row : rows) {
    const HttpResponse response = server.ask("POST", path, row.body, with);
    EXPECT_EQ(response.status, row.status) << row.body << " " << response.body;
    EXPECT_NE(response.body.find(row.says), std::string::npos) << row.body << " " << response.body;
  }
  EXPECT_EQ(server.ask("POST", "/api/v1/models/none/rollout", R"({"follow": true})", with).status,
            404);
}

}  // namespace
}  // namespace tenbin

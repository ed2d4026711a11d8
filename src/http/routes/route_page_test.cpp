// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RoutePage, ServesItselfUnderAStrictPolicy) {
  RouteCase server;
  const HttpResponse page = server.ask("GET", "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("<script>"), std::string::npos) << "the policy forbids inline scripts";
  EXPECT_EQ(page.body.find("style="), std::string::npos) << "and inline styles";
  for (const char* file : {"/ui/live.js", "/ui/live.css"}) {
    EXPECT_NE(page.body.find(file), std::string::npos);
    EXPECT_EQ(server.ask("GET", file).status, 200);
  }
  const std::string policy = RouteCase::header(page, "content-security-policy");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(RouteCase::header(page, "x-content-type-options"), "nosniff");
  EXPECT_EQ(server.ask("GET", "/ui/../index.html").status, 404);
}

}  // namespace
}  // namespace tenbin

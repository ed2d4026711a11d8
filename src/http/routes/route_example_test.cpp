// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteExample, CanBeSentAsItIs) {
  RouteCase server;
  const HttpResponse example = server.ask("GET", "/api/v1/models/mlp/example");
  ASSERT_EQ(example.status, 200);
  EXPECT_EQ(server.ask("POST", "/v2/models/mlp/infer", example.body).status, 200);
  EXPECT_EQ(server.ask("GET", "/api/v1/models/none/example").status, 404);
}

}  // namespace
}  // namespace tenbin

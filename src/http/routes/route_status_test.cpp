// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteStatus, TellsWhatTheLivePageDraws) {
  RouteCase server;
  server.ask("POST", "/v2/models/mlp/infer", RouteCase::request(2));
  const Json body = RouteCase::json(server.ask("GET", "/api/v1/status"));
  EXPECT_EQ(body["schema"].as_string(), "tenbin.serve-status/1");
  const Json& model = body["models"].items().front();
  EXPECT_EQ(model["requests"].as_integer(), 1);
  EXPECT_EQ(model["rows"].as_integer(), 2);
  std::int64_t counted = 0;
  for (const Json& n : model["request_seconds"].items()) counted += n.as_integer();
  EXPECT_EQ(counted, 1);
  EXPECT_EQ(model["request_seconds"].items().size(), body["second_bounds"].items().size() + 1);
  EXPECT_TRUE(model["variants"].items().front()["in_use"].as_bool());
  EXPECT_FALSE(body["energy"]["provenance"].as_string().empty());
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteConfig, LeavesOutTheBatchDimension) {
  RouteCase server;
  const Json body = RouteCase::json(server.ask("GET", "/v2/models/mlp/config"));
  EXPECT_EQ(body["input"].dump(), R"([{"name":"x","data_type":"TYPE_FP32","dims":[64]}])");
  EXPECT_EQ(body["max_batch_size"].as_integer(), 4096);
  EXPECT_GE(body["dynamic_batching"]["preferred_batch_size"].items()[0].as_integer(), 1);
  EXPECT_EQ(server.ask("GET", "/v2/models/none/config").status, 404);
}

}  // namespace
}  // namespace tenbin

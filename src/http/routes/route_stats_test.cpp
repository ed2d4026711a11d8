// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

// A batch of rows counts as so many inferences and one execution.
TEST(RouteStats, CountsInferencesAndExecutions) {
  RouteCase server;
  server.ask("POST", "/v2/models/mlp/infer", RouteCase::request(4));
  server.ask("POST", "/v2/models/mlp/infer", "{}");
  for (const char* path : {"/v2/models/stats", "/v2/models/mlp/stats"}) {
    const Json all = RouteCase::json(server.ask("GET", path));
    const Json& stats = all["model_stats"].items().front();
    EXPECT_EQ(stats["name"].as_string(), "mlp") << path;
    EXPECT_EQ(stats["inference_count"].as_integer(), 4);
    EXPECT_EQ(stats["execution_count"].as_integer(), 1);
    EXPECT_EQ(stats["inference_stats"]["success"]["count"].as_integer(), 1);
    EXPECT_GT(stats["inference_stats"]["compute_infer"]["ns"].as_integer(), 0);
    EXPECT_EQ(stats["batch_stats"].items().front()["batch_size"].as_integer(), 4);
    EXPECT_GT(stats["last_inference"].as_integer(), 1'600'000'000'000) << "ms since 1970";
  }
  EXPECT_EQ(server.ask("GET", "/v2/models/none/stats").status, 404);
}

}  // namespace
}  // namespace tenbin

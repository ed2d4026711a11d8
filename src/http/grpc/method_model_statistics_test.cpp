// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

TEST(MethodModelStatistics, CountsWhatWasAnswered) {
  RouteCase server;
  server.ask("POST", "/v2/models/mlp/infer", RouteCase::request(4));
  inference::ModelStatisticsResponse answer;
  ASSERT_TRUE(answer.ParseFromString(
      RouteCase::messages(server.call(kService + "ModelStatistics", {""})).at(0)));
  EXPECT_EQ(answer.model_stats(0).inference_count(), 4u);
  EXPECT_EQ(answer.model_stats(0).execution_count(), 1u);
  EXPECT_EQ(answer.model_stats(0).inference_stats().success().count(), 1u);
}

}  // namespace
}  // namespace tenbin

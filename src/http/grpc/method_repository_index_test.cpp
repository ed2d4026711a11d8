// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

TEST(MethodRepositoryIndex, ListsStates) {
  RouteCase server;
  inference::RepositoryIndexResponse answer;
  ASSERT_TRUE(answer.ParseFromString(
      RouteCase::messages(server.call(kService + "RepositoryIndex", {""})).at(0)));
  EXPECT_EQ(answer.models(0).name(), "mlp");
  EXPECT_EQ(answer.models(0).state(), "READY");
}

}  // namespace
}  // namespace tenbin

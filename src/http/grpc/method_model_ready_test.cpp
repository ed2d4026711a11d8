// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

TEST(MethodModelReady, TellsReadyFromUnknown) {
  RouteCase server;
  inference::ModelReadyRequest request;
  request.set_name("mlp");
  const HttpResponse answer = server.call(kService + "ModelReady", {request.SerializeAsString()});
  inference::ModelReadyResponse ready;
  ASSERT_TRUE(ready.ParseFromString(RouteCase::messages(answer).at(0)));
  EXPECT_TRUE(ready.ready());
  request.set_name("none");
  const HttpResponse unknown = server.call(kService + "ModelReady", {request.SerializeAsString()});
  EXPECT_EQ(RouteCase::grpc_status_of(unknown), "5");
  EXPECT_TRUE(unknown.body.empty()) << "Trailers-Only";
}

}  // namespace
}  // namespace tenbin

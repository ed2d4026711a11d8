// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteModel, DescribesTensors) {
  RouteCase server;
  const Json body = RouteCase::json(server.ask("GET", "/v2/models/mlp"));
  EXPECT_EQ(body["name"].as_string(), "mlp");
  EXPECT_EQ(body["platform"].as_string(), "onnx_onnxv1");
  EXPECT_EQ(body["inputs"].dump(), R"([{"name":"x","datatype":"FP32","shape":[-1,64]}])");
  EXPECT_EQ(body["outputs"].items().size(), 1u);
  EXPECT_FALSE(body.contains("versions")) << "it has none";
}

TEST(RouteModel, KnowsNearNamesOfUnknownModels) {
  RouteCase server;
  const HttpResponse answer = server.ask("GET", "/v2/models/mpl");
  EXPECT_EQ(answer.status, 404);
  EXPECT_NE(answer.body.find("mlp"), std::string::npos) << answer.body;
  EXPECT_EQ(server.ask("GET", "/v2/models/mlp/versions/3").status, 404);
  EXPECT_EQ(server.ask("GET", "/v2/models/m%6Cp").status, 200) << "decoded once";
  EXPECT_EQ(server.ask("GET", "/v2/models/m%256Cp").status, 404) << "and not twice";
  EXPECT_EQ(server.ask("GET", "/v2/models/ml%00p").status, 404);
  EXPECT_EQ(server.ask("GET", "/v2/models/").status, 404);
}

}  // namespace
}  // namespace tenbin

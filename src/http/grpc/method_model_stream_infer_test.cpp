// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

TEST(MethodModelStreamInfer, AnswersEachOfAStream) {
  RouteCase server;
  std::vector<std::string> pieces;
  for (int i = 0; i < 5; ++i) {
    inference::ModelInferRequest request;
    request.set_model_name(i == 3 ? "none" : "mlp");
    request.set_id(std::to_string(i));
    auto& input = *request.add_inputs();
    input.set_name("x");
    input.set_datatype("FP32");
    input.add_shape(1);
    input.add_shape(64);
    request.add_raw_input_contents(std::string(256, '\0'));
    pieces.push_back(request.SerializeAsString());
  }
  const HttpResponse answer = server.call(kService + "ModelStreamInfer", pieces);
  EXPECT_EQ(RouteCase::grpc_status_of(answer), "0");
  const auto messages = RouteCase::messages(answer);
  ASSERT_EQ(messages.size(), 5u);
  int failed = 0;
  for (const std::string& bytes : messages) {
    inference::ModelStreamInferResponse response;
    ASSERT_TRUE(response.ParseFromString(bytes));
    if (response.error_message().empty()) continue;
    ++failed;
    EXPECT_EQ(response.infer_response().id(), "3") << "one error does not end the stream";
  }
  EXPECT_EQ(failed, 1);
}

}  // namespace
}  // namespace tenbin

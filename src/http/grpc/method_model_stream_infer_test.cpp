// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

std::string infer_message(const std::string& model, int id) {
  inference::ModelInferRequest request;
  request.set_model_name(model);
  request.set_id(std::to_string(id));
  auto& input = *request.add_inputs();
  input.set_name("x");
  input.set_datatype("FP32");
  input.add_shape(1);
  input.add_shape(64);
  request.add_raw_input_contents(std::string(256, '\0'));
  return request.SerializeAsString();
}

TEST(MethodModelStreamInfer, AnswersEachOfAStream) {
  RouteCase server;
  std::vector<std::string> pieces;
  for (int i = 0; i < 5; ++i) {
    pieces.push_back(infer_message(i == 3 ? "none" : "mlp", i));
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

TEST(MethodModelStreamInfer, AnswersMoreThanAreComputedAtATime) {
  RouteCase server;
  std::string all;
  for (int i = 0; i < 1000; ++i) all += RouteCase::frame(infer_message("mlp", i));
  const HttpResponse answer = server.call(kService + "ModelStreamInfer", {all}, {}, false);
  EXPECT_EQ(RouteCase::grpc_status_of(answer), "0");
  int good = 0;
  for (const std::string& bytes : RouteCase::messages(answer)) {
    inference::ModelStreamInferResponse response;
    ASSERT_TRUE(response.ParseFromString(bytes));
    if (response.error_message().empty()) ++good;
  }
  EXPECT_EQ(good, 1000) << "who sends faster than we compute waits, and is not refused";
}

TEST(MethodModelStreamInfer, EndsAtWhatIsNoStreamOfMessages) {
  struct Row {
    const char* why;
    std::string bytes, status;
  };
  const std::string good = RouteCase::frame(infer_message("mlp", 1));
  const std::vector<Row> rows = {
      {"it ends within a message", good + good.substr(0, good.size() - 1), "3"},
      {"a compressed message behind a good one", good + std::string("\1\0\0\0\1a", 6), "12"},
      {"a message of 4 GB is announced", good + std::string("\0\xff\xff\xff\xff", 5), "8"},
      {"no protobuf", good + RouteCase::frame("\xff"), "3"},
  };
  RouteCase server;
  for (const Row& row : rows) {
    const HttpResponse answer = server.call(kService + "ModelStreamInfer", {row.bytes}, {}, false);
    EXPECT_EQ(RouteCase::grpc_status_of(answer), row.status) << row.why;
  }
  EXPECT_EQ(RouteCase::grpc_status_of(server.call(kService + "ModelStreamInfer", {good},
                                                  {{"grpc-timeout", "1x"}}, false)),
            "3");
}

}  // namespace
}  // namespace tenbin

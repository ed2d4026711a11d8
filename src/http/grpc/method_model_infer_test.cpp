// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/grpc/inference.pb.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

const std::string kService = "/inference.GRPCInferenceService/";

inference::ModelInferRequest request_of(int rows, bool raw) {
  inference::ModelInferRequest request;
  request.set_model_name("mlp");
  request.set_id("9");
  auto& input = *request.add_inputs();
  input.set_name("x");
  input.set_datatype("FP32");
  input.add_shape(rows);
  input.add_shape(64);
  if (raw) {
    request.add_raw_input_contents(std::string(static_cast<std::size_t>(rows) * 256, '\0'));
  } else {
    for (int i = 0; i < rows * 64; ++i) input.mutable_contents()->add_fp32_contents(0);
  }
  return request;
}

HttpResponse call(RouteCase& server, const inference::ModelInferRequest& request,
                  std::vector<HttpRequest::Header> headers = {}) {
  return server.call(kService + "ModelInfer", {request.SerializeAsString()}, std::move(headers));
}

TEST(MethodModelInfer, AnswersAsItWasAsked) {
  RouteCase server;
  for (const bool raw : {false, true}) {
    const HttpResponse answer = call(server, request_of(2, raw));
    ASSERT_EQ(RouteCase::grpc_status_of(answer), "0");
    inference::ModelInferResponse response;
    ASSERT_TRUE(response.ParseFromString(RouteCase::messages(answer).at(0)));
    EXPECT_EQ(response.id(), "9");
    EXPECT_EQ(response.outputs(0).shape(0), 2);
    EXPECT_EQ(response.outputs(0).contents().fp32_contents_size(), raw ? 0 : 20);
    EXPECT_EQ(response.raw_output_contents_size(), raw ? 1 : 0);
    if (raw) {
      EXPECT_EQ(response.raw_output_contents(0).size(), 80u);
    }
  }
}

// Each says one untrue thing; the status and the message name it.
TEST(MethodModelInfer, RefusesWhatIsNotTrue) {
  RouteCase server;
  struct Row {
    const char* why;
    void (*change)(inference::ModelInferRequest&);
    const char* status;
    const char* says;
  };
  const std::vector<Row> rows = {
      {"unknown model", [](auto& r) { r.set_model_name("mpl"); }, "5", "mlp"},
      {"unknown version", [](auto& r) { r.set_model_version("3"); }, "5", "version"},
      {"unknown type", [](auto& r) { r.mutable_inputs(0)->set_datatype("FP8"); }, "3", "BOOL"},
      {"another type", [](auto& r) { r.mutable_inputs(0)->set_datatype("INT8"); }, "3", "elements"},
      {"too few elements", [](auto& r) { r.mutable_inputs(0)->set_shape(0, 7); }, "3", "fewer"},
      {"too many elements", [](auto& r) { r.mutable_inputs(0)->set_shape(1, 3); }, "3", "expected"},
      {"negative size", [](auto& r) { r.mutable_inputs(0)->set_shape(0, -1); }, "3", "negative"},
      {"both contents", [](auto& r) { r.add_raw_input_contents("abcd"); }, "3", "both"},
      {"an entry without its input",
       [](auto& r) {
         r.add_raw_input_contents("abcd");
         r.add_raw_input_contents("abcd");
       },
       "3", "one an input"},
      {"unknown output", [](auto& r) { r.add_outputs()->set_name("y"); }, "3", "not of the model"},
      {"a sequence", [](auto& r) { (*r.mutable_parameters())["sequence_id"].set_int64_param(3); },
       "12", "sequence"},
  };
  for (const Row& row : rows) {
    inference::ModelInferRequest request = request_of(1, false);
    row.change(request);
    const HttpResponse answer = call(server, request);
    EXPECT_EQ(RouteCase::grpc_status_of(answer), row.status) << row.why;
    EXPECT_NE(RouteCase::header(answer, "grpc-message").find(row.says), std::string::npos)
        << row.why << ": " << RouteCase::header(answer, "grpc-message");
  }
}

TEST(MethodModelInfer, KeepsItsDeadline) {
  RouteCase server;
  EXPECT_EQ(RouteCase::grpc_status_of(call(server, request_of(1, true), {{"grpc-timeout", "1n"}})),
            "4");
  EXPECT_EQ(RouteCase::grpc_status_of(call(server, request_of(1, true), {{"grpc-timeout", "9S"}})),
            "0");
  for (const char* bad : {"1", "S", "1x", "-1S", "123456789S", "1.5S"}) {
    EXPECT_EQ(RouteCase::grpc_status_of(call(server, request_of(1, true), {{"grpc-timeout", bad}})),
              "3")
        << bad;
  }
}

// Two bytes of the wire make an object of a hundred: they are counted before it is made.
TEST(MethodModelInfer, BoundsWhatAMessageHolds) {
  RouteCase server;
  std::string inputs, elements;
  for (int i = 0; i < 1'000'001; ++i) inputs += std::string("\x2a\0", 2);    // an empty tensor
  for (int i = 0; i < 1'000'001; ++i) elements += std::string("\x42\0", 2);  // an empty string
  inference::ModelInferRequest request = request_of(1, true);
  std::string message = request.SerializeAsString();
  const auto status = [&](const std::string& bytes) {
    return RouteCase::grpc_status_of(server.call(kService + "ModelInfer", {bytes}));
  };
  EXPECT_EQ(status(message), "0");
  EXPECT_EQ(status(message + inputs), "8");
  const auto head = [](std::size_t size) {
    std::string out = "\x2a";
    for (; size > 127; size >>= 7u) out += static_cast<char>((size & 127u) | 128u);
    return out + static_cast<char>(size);
  };
  const std::string contents = head(elements.size()) + elements;  // field 5, as that of a tensor
  EXPECT_EQ(status(message + head(contents.size()) + contents), "8");
}

TEST(MethodModelInfer, RefusesCompressedAndBrokenFrames) {
  RouteCase server;
  std::string framed = RouteCase::frame(request_of(1, true).SerializeAsString());
  const auto status = [&](const std::string& body) {
    return RouteCase::grpc_status_of(server.call(kService + "ModelInfer", {body}, {}, false));
  };
  framed[0] = 1;
  EXPECT_EQ(status(framed), "12") << "compressed";
  framed[0] = 2;
  EXPECT_EQ(status(framed), "3") << "no flag of gRPC";
  framed[0] = 0;
  framed[4] = static_cast<char>(framed[4] + 1);
  EXPECT_EQ(status(framed), "3") << "its length is not true";
}

}  // namespace
}  // namespace tenbin

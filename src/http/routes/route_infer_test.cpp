// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteInfer, AnswersRowsAsAskedFor) {
  RouteCase server;
  const HttpResponse answer = server.ask("POST", "/v2/models/mlp/infer", RouteCase::request(3));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json body = RouteCase::json(answer);
  EXPECT_EQ(body["model_name"].as_string(), "mlp");
  EXPECT_FALSE(body.contains("id")) << "none was given";
  const Json& output = body["outputs"].items().front();
  EXPECT_EQ(output["shape"].dump(), "[3,10]");
  EXPECT_EQ(output["data"].items().size(), 30u);
}

TEST(RouteInfer, TakesAndGivesBinaryTensors) {
  RouteCase server;
  const std::string json =
      R"({"id":"7","inputs":[{"name":"x","shape":[1,64],"datatype":"FP32",)"
      R"("parameters":{"binary_data_size":256}}],"parameters":{"binary_data_output":true}})";
  const std::string floats(256, '\0');
  const HttpResponse answer =
      server.ask("POST", "/v2/models/mlp/infer", json + floats,
                 {{"inference-header-content-length", std::to_string(json.size())}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::size_t length =
      std::stoul(RouteCase::header(answer, "inference-header-content-length"));
  EXPECT_EQ(answer.body.size(), length + 40) << "ten floats behind the JSON";
  EXPECT_EQ(Json::parse(answer.body.substr(0, length)).value()["id"].as_string(), "7");
  // The same numbers as in JSON.
  const HttpResponse plain = server.ask("POST", "/v2/models/mlp/infer", RouteCase::request(1));
  float first = 0;
  std::copy_n(answer.body.data() + length, 4, reinterpret_cast<char*>(&first));
  EXPECT_EQ(static_cast<double>(first),
            RouteCase::json(plain)["outputs"].items()[0]["data"].items()[0].as_number());
  // Raw: the bytes alone.
  const HttpResponse raw = server.ask("POST", "/v2/models/mlp/infer", floats,
                                      {{"inference-header-content-length", "0"}});
  EXPECT_EQ(raw.status, 200) << raw.body;
  EXPECT_EQ(raw.body.substr(raw.body.size() - 40), answer.body.substr(length));
}

// Each request says one untrue thing; the answer names it.
TEST(RouteInfer, RefusesWhatIsNotTrue) {
  const std::string head = R"({"inputs":[{"name":"x","datatype":"FP32","shape":)";
  struct Row {
    const char* why;
    std::string body;
    int status;
    const char* says;
  };
  const std::vector<Row> rows = {
      {"not JSON", "{", 400, "not valid JSON"},
      {"no object", "[]", 400, "not a JSON object"},
      {"no inputs", "{}", 400, "no 'inputs'"},
      {"wrong name", R"({"inputs":[{"name":"z","datatype":"FP32","shape":[1],"data":[1]}]})", 400,
       "expected 'x'"},
      {"wrong type", R"({"inputs":[{"name":"x","datatype":"INT8","shape":[1,64],"data":[1]}]})",
       400, "as many items"},
      {"unknown type", R"({"inputs":[{"name":"x","datatype":"FP8","shape":[1],"data":[1]}]})", 400,
       "expected one of BOOL"},
      {"half floats", R"({"inputs":[{"name":"x","datatype":"FP16","shape":[1],"data":[1]}]})", 400,
       "binary_tensor_data"},
      {"too few items", head + "[1,64],\"data\":[1,2]}]}", 400, "as many items"},
      {"too many items", head + "[1,2],\"data\":[1,2,3]}]}", 400, "no more items"},
      {"ragged rows", head + "[2,2],\"data\":[[1],[2,3,4]]}]}", 400, "as the shape says"},
      {"negative size", head + "[-1,64],\"data\":[1]}]}", 400, "negative size"},
      {"product beyond 2^63", head + "[4294967296,4294967296],\"data\":[1]}]}", 400,
       "fewer elements"},
      {"no rows", head + "[0,64],\"data\":[]}]}", 400, "0 rows"},
      {"other width", head + "[1,3],\"data\":[1,2,3]}]}", 400, "expected float32 [-1, 64]"},
      {"a text among numbers", head + "[1,1],\"data\":[\"a\"]}]}", 400, "expected a number"},
      {"a number beyond floats", head + "[1,1],\"data\":[1e39]}]}", 400, "range of its type"},
      {"data before its shape",
       R"({"inputs":[{"data":[1],"datatype":"FP32","shape":[2],"name":"x"}]})", 400,
       "as many items"},
      {"binary beyond the body", head + R"([1,64],"parameters":{"binary_data_size":256}}]})", 400,
       "0 bytes follow the JSON"},
      {"unknown output",
       RouteCase::request(1).substr(0, RouteCase::request(1).size() - 1) +
           R"(,"outputs":[{"name":"y"}]})",
       400, "output 'y' is not of the model"},
      {"a sequence", R"({"parameters":{"sequence_id":1},"inputs":[]})", 501, "sequence_id"},
  };
  RouteCase server;
  for (const Row& row : rows) {
    const HttpResponse answer = server.ask("POST", "/v2/models/mlp/infer", row.body);
    EXPECT_EQ(answer.status, row.status) << row.why << ": " << answer.body;
    EXPECT_NE(answer.body.find(row.says), std::string::npos) << row.why << ": " << answer.body;
  }
  EXPECT_EQ(server.ask("POST", "/v2/models/none/infer", RouteCase::request(1)).status, 404);
  EXPECT_EQ(
      server
          .ask("POST", "/v2/models/mlp/infer", RouteCase::request(1), {{"tenbin-timeout", "soon"}})
          .status,
      400);
}

TEST(RouteInfer, ReportsWhatItCostWhenAsked) {
  RouteCase server;
  std::string body = RouteCase::request(2);
  body.insert(1, R"("parameters":{"tenbin_report":true},)");
  Json parameters;
  // The price of a CPU second is known after the first interval of the meter.
  for (int i = 0; i < 20'000 && !parameters.contains("tenbin_energy_joules"); ++i) {
    parameters = RouteCase::json(server.ask("POST", "/v2/models/mlp/infer", body))["parameters"];
  }
  EXPECT_GT(parameters["tenbin_energy_joules"].as_number(), 0);
  EXPECT_LE(parameters["tenbin_energy_low_joules"].as_number(),
            parameters["tenbin_energy_high_joules"].as_number());
  EXPECT_FALSE(parameters["tenbin_energy_provenance"].as_string().empty());
  EXPECT_EQ(parameters["tenbin_batch_rows"].as_integer(), 2);
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
// `tenbin profile` and `tenbin predict --engine` as their user meets them: networks of our own, a
// model that fit wrote, models of the ONNX project's test data, and models that nobody can run.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/precision.h"
#include "graph/graph.h"
#include "graph/nets/nets.h"
#include "graph/onnx.h"
#include "platform/fakes/test_folder.h"
#include "tests/faults/program.h"

namespace tenbin {
namespace {

constexpr const char* kTestData = "/usr/share/libonnx-testdata/data";

class Profile : public testing::Test {
 protected:
  // Peaks are kept in the test's own folder.
  ProgramRun run(std::vector<std::string> words, const std::string& plugins = {}) {
    std::vector<std::string> before = {"env", "XDG_CACHE_HOME=" + (folder_ / "cache")};
    if (!plugins.empty()) before.push_back("TENBIN_PLUGIN_DIR=" + plugins);
    return run_program(std::move(words), std::move(before));
  }
  Json profile(std::vector<std::string> words) {
    words.insert(words.begin(), "profile");
    words.insert(words.end(), {"--json", "--quiet", "--time", "60ms"});
    const ProgramRun seen = run(words);
    EXPECT_EQ(seen.code, 0) << seen.err;
    const auto json = Json::parse(seen.out);
    EXPECT_TRUE(json.ok()) << seen.out.substr(0, 200);
    return json.ok() ? *json : Json();
  }
  std::string put(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(real_file_system().write_durable(folder_ / name, bytes).ok());
    return folder_ / name;
  }
  std::string put(const std::string& name, const Graph& graph) {
    Model model;
    model.graph = graph;
    return put(name, write_onnx(model).value());
  }
  // One node that no engine has.
  std::string put_unknown() {
    Graph graph;
    graph.inputs = {{"x", ElementType::kFloat32, {-1, 4}}};
    graph.outputs = {{"y", ElementType::kFloat32, {-1, 4}}};
    OpCall call;
    call.op = "Gelu2";
    call.name = "mlp/act";
    call.inputs = {"x"};
    call.outputs = {"y"};
    graph.nodes = {call};
    return put("unknown.onnx", graph);
  }
  static bool has_runtime() {
    return real_file_system().exists("/usr/local/lib/tenbin/plugins/libonnxruntime.so.1");
  }

  TestFolder folder_;
};

TEST_F(Profile, ANetworkHasEveryNumberOfEveryNode) {
  const Graph graph = make_cnn(1, 28, 28, 10, cnn_28_normalised(), 1).value();
  const std::string model = put("cnn.onnx", graph);
  const Json p = profile({model, "--batch", "1,8", "-o", folder_ / "cnn.html"});
  EXPECT_EQ(p["schema"].as_string(), "tenbin.profile/1");
  EXPECT_NE(p["verdict"].as_string().find("cnn.onnx: "), std::string::npos);
  EXPECT_EQ(p["engine"]["name"].as_string(), "native");
  ASSERT_EQ(p["batches"].items().size(), 2U);
  for (const Json& batch : p["batches"].items()) {
    SCOPED_TRACE(batch["batch"].dump());
    EXPECT_GT(batch["seconds_p50"].as_number(), 0);
    EXPECT_GT(batch["joules_per_1000_rows"]["hi"].as_number(), 0);
    EXPECT_FALSE(batch["joules_per_1000_rows"]["provenance"].as_string().empty());
    EXPECT_EQ(batch["macs"].as_integer(),
              p["model"]["macs"].as_integer() * batch["batch"].as_integer());
    EXPECT_EQ(batch["parameters"].as_integer(), p["model"]["parameters"].as_integer());
    EXPECT_GT(batch["roofline_share"].as_number(), 0);
    double share = batch["between_seconds"].as_number();
    std::int64_t macs = 0;
    double time = share;
    for (const Json& node : batch["nodes"].items()) {
      macs += node["macs"].as_integer();
      time += node["seconds"].as_number();
      if (node["ran"].as_string() == "compiled") {
        EXPECT_GT(node["bytes_moved"].as_integer(), 0) << node["name"].as_string();
        EXPECT_FALSE(node["kernels"].items().empty());
      }
    }
    EXPECT_EQ(macs, batch["macs"].as_integer()) << "nodes sum to the whole";
    double shares = 0;
    for (const Json& node : batch["nodes"].items()) shares += node["share"].as_number();
    EXPECT_NEAR(shares + share / time, 1, 1e-6);
  }
  bool folded = false;  // a convolution that did its normalisation's work too
  for (const Json& node : p["batches"].items()[0]["nodes"].items()) {
    const auto& ops = node["ops"].items();
    folded |= ops.size() > 1 && ops[0].as_string() == "Conv" &&
              std::find(ops.begin(), ops.end(), Json("BatchNormalization")) != ops.end();
  }
  EXPECT_TRUE(folded);
  const std::string page = real_file_system().read_text(folder_ / "cnn.html", 1 << 20).value();
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_NE(page.find("share of the time"), std::string::npos);
  EXPECT_EQ(page.find("src="), std::string::npos) << "nothing is loaded";
}

TEST_F(Profile, PeaksAreKeptAndMeasuredAnewWhenAsked) {
  const std::string model = put("mlp.onnx", make_mlp(20, {32}, 2, 1).value());
  const Json first = profile({model, "--batch", "1"});
  EXPECT_FALSE(first["peaks"]["from_cache"].as_bool());
  EXPECT_FALSE(first["peaks"]["measured"].as_string().empty());
  EXPECT_TRUE(first["peaks"]["noise"].is_number());
  const Json second = profile({model, "--batch", "1"});
  EXPECT_TRUE(second["peaks"]["from_cache"].as_bool());
  EXPECT_EQ(second["peaks"]["measured"], first["peaks"]["measured"]);
  EXPECT_FALSE(profile({model, "--batch", "1", "--measure-peak"})["peaks"]["from_cache"].as_bool());
}

TEST_F(Profile, TextSaysTheVerdictFirst) {
  const std::string model = put("mlp.onnx", make_mlp(20, {32}, 2, 1).value());
  const ProgramRun seen = run({"profile", model, "--time", "60ms"});
  ASSERT_EQ(seen.code, 0) << seen.err;
  EXPECT_EQ(seen.out.find("mlp.onnx: "), 0U) << seen.out;
  std::size_t at = 0;
  for (const char* part : {"parameters", "rows/s", "Heaviest of", "The first things to change",
                           "How it was measured", "peaks of one thread"}) {
    const std::size_t found = seen.out.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " in\n" << seen.out;
    at = found;
  }
}

TEST_F(Profile, AModelOfFitWithTextsAsksForRowsAndTakesThem) {
  write_table(folder_ / "data.csv", 200);
  const std::string data = folder_ / "data.csv", out = folder_ / "out";
  const ProgramRun fitted =
      run({"fit", data, "--target", "answer", "-o", out, "--limit", "time=20s", "--quiet"});
  ASSERT_EQ(fitted.code, 0) << fitted.err;
  const Json p = profile({out + "/model.onnx", "--batch", "1", "--data", data});
  EXPECT_EQ(p["inputs_are"].as_string(), "rows of " + data);
  EXPECT_FALSE(p["batches"].items()[0]["nodes"].items().empty());
  const ProgramRun told = run({"predict", out + "/model.onnx", data});
  EXPECT_NE(told.err.find("engine: native"), std::string::npos) << told.err;
}

TEST_F(Profile, ModelsOfTheTestDataRunOrSayWhy) {
  const std::vector<std::string> names = {
      "pytorch-converted/test_Conv2d", "pytorch-converted/test_Linear",
      "pytorch-converted/test_BatchNorm2d_eval", "pytorch-converted/test_Embedding",
      "node/test_softmax_axis_1"};
  if (!real_file_system().exists(kTestData)) GTEST_SKIP() << "libonnx-testdata is not installed";
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const Json p = profile({std::string(kTestData) + "/" + name + "/model.onnx"});
    ASSERT_EQ(p["batches"].items().size(), 1U) << "they fix their rows";
    EXPECT_FALSE(p["batches"].items()[0].contains("error"));
  }
}

TEST_F(Profile, PredictFillsAMatrixInOrderAndPiecesOfAFixedSize) {
  const std::string linear = std::string(kTestData) + "/pytorch-converted/test_Linear/model.onnx";
  std::string csv = "a,b,c,d,e,f,g,h,i,j,more\n";
  for (int row = 0; row < 6; ++row) {
    for (int c = 0; c < 10; ++c) csv += std::to_string(row * c % 7) + ",";
    csv += std::to_string(row) + "\n";
  }
  const std::string data = put("rows.csv", csv);
  const Graph mlp = make_mlp(10, {8}, 3, 1).value();
  std::vector<std::string> models = {put("mlp.onnx", mlp)};
  if (real_file_system().exists(linear)) models.push_back(linear);
  for (const std::string& model : models) {
    SCOPED_TRACE(model);
    const ProgramRun native = run({"predict", model, data, "--engine", "native"});
    ASSERT_EQ(native.code, 0) << native.err;
    EXPECT_EQ(std::count(native.out.begin(), native.out.end(), '\n'), 7) << "header and six rows";
    EXPECT_NE(native.err.find("takes, in order: a ... j"), std::string::npos) << native.err;
    EXPECT_NE(native.err.find("not used by the model: more"), std::string::npos) << native.err;
    EXPECT_NE(native.err.find("engine: native (asked for)"), std::string::npos) << native.err;
  }
  const ProgramRun half = run({"predict", models[0], data, "--precision", "bfloat16"});
  if (has_native_bfloat16()) {
    EXPECT_EQ(half.code, 0) << half.err;
    EXPECT_NE(half.err.find("answers differ from float32 by at most"), std::string::npos)
        << half.err;
    EXPECT_NE(half.out, run({"predict", models[0], data}).out) << "it was not float32 again";
  } else {
    EXPECT_EQ(half.code, 4) << half.err;
  }
  EXPECT_EQ(
      run({"predict", models[0], data, "--precision", "bfloat16", "--engine", "onnxruntime"}).code,
      2);
  const ProgramRun narrow = run({"predict", models[0], put("few.csv", "a,b\n1,2\n")});
  EXPECT_EQ(narrow.code, 3);
  EXPECT_NE(narrow.err.find("takes 10 columns of numbers: the data has 2"), std::string::npos)
      << narrow.err;
}

TEST_F(Profile, PredictTakesImagesForImageInputs) {
  write_pictures(folder_ / "pictures", 12);
  const std::string model =
      put("cnn.onnx", make_cnn(1, 16, 16, 2, {.stages = {{8}}, .dense = {16}}, 1).value());
  const ProgramRun seen = run({"predict", model, folder_ / "pictures", "--engine", "native"});
  ASSERT_EQ(seen.code, 0) << seen.err;
  EXPECT_EQ(std::count(seen.out.begin(), seen.out.end(), '\n'), 13);
  EXPECT_NE(seen.err.find("takes the images"), std::string::npos) << seen.err;
}

TEST_F(Profile, AutoSaysWhichEngineAndWhyAndBothAnswerAlike) {
  if (!has_runtime()) GTEST_SKIP() << "ONNX Runtime is not installed";
  const std::string model = put("mlp.onnx", make_mlp(4, {16}, 2, 1).value());
  write_table(folder_ / "data.csv", 100);
  const std::string data = folder_ / "data.csv";
  const ProgramRun chosen = run({"predict", model, data});
  ASSERT_EQ(chosen.code, 0) << chosen.err;
  EXPECT_NE(chosen.err.find(" cheap"), std::string::npos) << chosen.err;
  EXPECT_NE(chosen.err.find("answers agree within"), std::string::npos) << chosen.err;
  const ProgramRun other = run({"predict", model, data, "--engine", "onnxruntime"});
  ASSERT_EQ(other.code, 0) << other.err;
  EXPECT_EQ(other.out.substr(0, other.out.find('\n')), chosen.out.substr(0, chosen.out.find('\n')));
  const Json p = profile({model, "--batch", "1", "--engine", "onnxruntime"});
  EXPECT_EQ(p["engine"]["name"].as_string(), "onnxruntime");
  EXPECT_TRUE(p["batches"].items()[0]["nodes"].items().empty());
  EXPECT_FALSE(p["batches"].items()[0]["nodes_reason"].as_string().empty());
}

TEST_F(Profile, WhatNobodyRunsIsNamedWithAWayOut) {
  const std::string model = put_unknown();
  const std::string data = put("rows.csv", "a,b,c,d\n1,2,3,4\n");
  const struct {
    const char* why;
    std::vector<std::string> words;
    std::string plugins;
    const char* way;
  } rows[] = {
      {"no second engine", {"predict", model, data}, "/nowhere", "ONNX Runtime would run it"},
      {"ours alone", {"predict", model, data, "--engine", "native"}, "", "--engine auto"},
      {"profile", {"profile", model}, "/nowhere", "ONNX Runtime would run it"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const ProgramRun seen = run(row.words, row.plugins);
    EXPECT_EQ(seen.code, 4);
    for (const char* part : {"Gelu2", "mlp/act", row.way}) {
      EXPECT_NE(seen.err.find(part), std::string::npos) << part << " in " << seen.err;
    }
  }
  EXPECT_EQ(run({"predict", model, data, "--engine", "fast"}).code, 2);
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/cases.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "platform/file_system.h"

namespace tenbin::bench {
namespace {

TEST(Cases, NetsCostWhatTheReferenceTableSays) {
  struct Row {
    const char* name;
    double macs, step_flop;  // of one row
  };
  constexpr double kRes64 = 1024 * 64 * 27 + 4 * 1024 * 64 * 576 + 640;
  const Row rows[] = {
      {"mlp_tiny", 3'008, 2.0 * (3 * 3'008 - 14 * 64)},
      {"mlp_784", 234'752, 2.0 * (3 * 234'752 - 784 * 256)},
      {"mlp_1024", 1'861'632, 2.0 * (3 * 1'861'632 - 784 * 1024)},
      {"mlp_20", 20 * 64 + 64 * 64 + 64 * 2, 2.0 * (3 * 5'504 - 20 * 64)},
      {"res_64", kRes64, 2.0 * (3 * kRes64 - 1024 * 64 * 27)},
      {"cnn_28", 4'241'152, 2.0 * (3 * 4'241'152 - 28 * 28 * 32 * 9)},
  };
  for (const Row& row : rows) {
    const auto net = reference_net(row.name);
    ASSERT_TRUE(net.ok()) << row.name;
    EXPECT_EQ(net->infer_flop, 2 * row.macs) << row.name;
    EXPECT_EQ(net->train_flop, row.step_flop) << row.name << ": no gradient for the input";
  }
  EXPECT_FALSE(reference_net("cnn_29").ok());
}

TEST(Cases, LayersAreToldInThePeersWords) {
  const auto net = reference_net("cnn_28");
  ASSERT_TRUE(net.ok());
  const auto layers = layers_of(net->graph);
  ASSERT_TRUE(layers.ok());
  std::string ops;
  for (const Json& layer : layers->items()) ops += layer["op"].as_string() + " ";
  EXPECT_EQ(ops, "conv relu pool conv relu pool flatten dense relu dense ");
  EXPECT_EQ(layers->items()[0]["weights"].dump(), "[32,1,3,3]");
  EXPECT_EQ(layers->items()[0]["pad"].as_integer(), 1);
}

TEST(Cases, GraphsAreToldWithTheirWeightsInOrder) {
  const auto net = reference_net("res_64");
  ASSERT_TRUE(net.ok()) << net.error().to_string();
  const Json graph = graph_of(net->graph);
  const auto& weights = graph["weights"].items();
  ASSERT_GE(weights.size(), 5U);
  EXPECT_EQ(weights[0]["shape"].dump(), "[64,3,3,3]");
  EXPECT_TRUE(weights[0]["learned"].as_bool());
  EXPECT_FALSE(weights[3]["learned"].as_bool()) << "a running mean";
  const auto& first = graph["nodes"].items()[0];
  EXPECT_EQ(first["op"].as_string(), "Conv");
  EXPECT_EQ(first["in"].items()[0].as_string(), graph["input"].as_string());
  EXPECT_EQ(first["attributes"]["pads"].dump(), "[1,1,1,1]");
}

TEST(Cases, RowsAreRepeatableAndHoldEveryClass) {
  const Rows a = learnable_rows(100, 14, 2), b = learnable_rows(100, 14, 2);
  EXPECT_EQ(a.features, b.features);
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_EQ(a.features.size(), 1400U);
  EXPECT_EQ(std::set<std::int64_t>(a.labels.begin(), a.labels.end()).size(), 2U);
}

TEST(Cases, NetsOfTokensGetWholeNumbersThatTheirTableHas) {
  const auto net = reference_net("text_cnn");
  ASSERT_TRUE(net.ok()) << net.error().to_string();
  const Rows rows = rows_for(*net, 20);
  EXPECT_EQ(rows.features.size(), 20U * 64U);
  for (const float token : rows.features) {
    EXPECT_EQ(token, std::floor(token));
    EXPECT_TRUE(token >= 0 && token < 100) << token;
  }
  EXPECT_GT(std::set<float>(rows.features.begin(), rows.features.end()).size(), 50U);
}

TEST(Cases, FilesHoldTheBytesAndVanish) {
  const Rows rows = learnable_rows(4, 3, 2);
  std::string path;
  {
    auto files = CaseFiles::create();
    ASSERT_TRUE(files.ok());
    const auto names = files->write_rows(rows);
    ASSERT_TRUE(names.ok());
    path = (*names)["features"].as_string();
    const auto bytes = real_file_system().read_text(path, 1000);
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(bytes->size(), 4U * 3U * sizeof(float));
  }
  EXPECT_FALSE(real_file_system().exists(path));
}

}  // namespace
}  // namespace tenbin::bench

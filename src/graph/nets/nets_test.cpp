// SPDX-License-Identifier: Apache-2.0
#include "graph/nets/nets.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graph/counts.h"

namespace tenbin {
namespace {

struct Row {
  const char* why;
  Result<Graph> graph;
  std::int64_t parameters, macs, buffer_bytes;
};

TEST(Nets, CountsAreThoseComputedByHand) {
  const std::vector<Row> rows = {
      {"LeNet of the energy study", make_cnn(3, 32, 32, 10, lenet(), 1), 62'006, 651'720, 0},
      // 9*32*784 + 9*32*64*196 + 3136*128 + 1280
      {"cnn_28", make_cnn(1, 28, 28, 10, cnn_28(), 1), 421'642, 4'241'152, 0},
      // biases of 96 channels give way to scale and shift; 2 * 4 B a channel, 8 B a layer
      {"cnn_28 normalised", make_cnn(1, 28, 28, 10, cnn_28_normalised(), 1), 421'642 + 96,
       4'241'152, 96 * 8 + 2 * 8},
      {"mlp 20-64-64-2", make_mlp(20, {64, 64}, 2, 1), 21 * 64 + 65 * 64 + 65 * 2,
       20 * 64 + 64 * 64 + 64 * 2, 0},
      {"linear", make_mlp(4, {}, 3, 1), 15, 12, 0},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    ASSERT_TRUE(row.graph.ok()) << row.graph.error().to_string();
    const auto counts = count(*row.graph);
    ASSERT_TRUE(counts.ok()) << counts.error().to_string();
    EXPECT_EQ(counts->parameters, row.parameters);
    EXPECT_EQ(counts->macs.count, row.macs);
    EXPECT_EQ(counts->buffer_bytes.count, row.buffer_bytes);
    EXPECT_EQ(counts->parameter_bytes.count, 4 * row.parameters);
    EXPECT_EQ(to_text(row.graph->outputs[0].shape).substr(0, 4), "[-1,");
  }
}

TEST(Nets, PeakActivationsAreOperandsAndResultOfTheWidestNode) {
  const auto graph = make_mlp(10, {100, 50}, 2, 1);
  ASSERT_TRUE(graph.ok());
  const auto counts = count(*graph);
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->peak_activations.count, 4 * (100 + 100));  // the first Relu
  EXPECT_EQ(counts->activations.count, 4 * (100 + 100 + 50 + 50 + 2));
}

TEST(Nets, SeedDecidesTheWeights) {
  const auto a = make_mlp(20, {64}, 2, 7), b = make_mlp(20, {64}, 2, 7),
             c = make_mlp(20, {64}, 2, 8);
  ASSERT_TRUE(a.ok() && b.ok() && c.ok());
  EXPECT_EQ(a->initializers.at("dense.weights"), b->initializers.at("dense.weights"));
  EXPECT_FALSE(a->initializers.at("dense.weights") == c->initializers.at("dense.weights"));
}

TEST(Nets, VarianceFollowsHe) {
  const auto graph = make_mlp(200, {300}, 2, 3);
  ASSERT_TRUE(graph.ok());
  double sum = 0;
  const auto data = graph->initializers.at("dense.weights").data<float>();
  for (const float w : data) sum += static_cast<double>(w) * static_cast<double>(w);
  EXPECT_NEAR(sum / static_cast<double>(data.size()), 2.0 / 200, 2.0 / 200 * 0.05);
}

TEST(Nets, RefuseWhatCannotBeBuilt) {
  EXPECT_EQ(make_mlp(0, {}, 2, 1).error().code(), ErrorCode::kBadValue);
  EXPECT_EQ(make_mlp(4, {8}, 2, 1, 1.0f).error().code(), ErrorCode::kBadValue);
  EXPECT_EQ(make_cnn(1, 2, 2, 10, cnn_28(), 1).error().code(), ErrorCode::kBadShape);
}

}  // namespace
}  // namespace tenbin

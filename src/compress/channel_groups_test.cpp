// SPDX-License-Identifier: Apache-2.0
#include "compress/channel_groups.h"

#include <gtest/gtest.h>

#include "compress/channel_case.h"
#include "graph/models/model.h"

namespace tenbin {
namespace {

std::vector<CutCase> small_graphs() {
  std::vector<CutCase> out;
  const auto begin = [](GraphBuilder& b) {
    return b.node("Relu",
                  {conv(b, b.input("x", ElementType::kFloat32, {-1, 2, 6, 6}), {8, 2, 3, 3}, 1)});
  };
  {
    GraphBuilder b;
    const auto h = begin(b);
    const auto sum = b.node("Relu", {b.node("Add", {conv(b, h, {8, 8, 3, 3}, 2), h})});
    out.push_back({"a residual sum ties both sides", finish(b, sum, 8 * 36), 1});
  }
  {
    GraphBuilder b;
    const auto h = begin(b);
    const auto both =
        b.node("Concat", {conv(b, h, {4, 8, 1, 1}, 2), h, conv(b, h, {6, 8, 3, 3}, 3)},
               {{"axis", std::int64_t{1}}});
    out.push_back({"a concatenation keeps its parts apart",
                   finish(b, conv(b, both, {5, 18, 3, 3}, 4), 5 * 36), 4});
  }
  {
    GraphBuilder b;
    const auto deep = conv(b, begin(b), {8, 1, 3, 3}, 2, 8);
    out.push_back({"depthwise: in and out are the same channels", finish(b, deep, 8 * 36), 1});
  }
  {
    GraphBuilder b;
    const auto deep = conv(b, begin(b), {16, 1, 3, 3}, 2, 8);
    out.push_back({"depthwise that doubles", finish(b, deep, 16 * 36), 1});
  }
  {
    GraphBuilder b;
    const auto grouped = conv(b, begin(b), {12, 2, 3, 3}, 2, 4);
    out.push_back({"groups go as a whole", finish(b, grouped, 12 * 36), 1});
  }
  {
    GraphBuilder b;
    const auto h = begin(b);
    const auto mean = b.node("GlobalAveragePool", {h});
    const auto gate = b.node(
        "Sigmoid", {conv(b, b.node("Relu", {conv(b, mean, {4, 8, 1, 1}, 2)}), {8, 4, 1, 1}, 3)});
    out.push_back({"squeeze and excite", finish(b, b.node("Mul", {h, gate}), 8 * 36), 2});
  }
  {
    GraphBuilder b;
    const auto h = begin(b);
    const auto sizes = b.constant("sizes", Tensor::of<std::int64_t>({2}, {-1, 288}));
    const auto flat = b.node("Reshape", {h, sizes});
    b.output(b.node("Gemm", {flat, b.constant("u", drawn({288, 4}, 7))}), "logits");
    out.push_back({"a shape that counts them", std::move(b).build().value(), 1});
  }
  return out;
}

TEST(ChannelGroups, CuttingIsTheSameAsNotReading) {
  for (const CutCase& of : small_graphs()) expect_cuts_change_nothing_else(of);
}

TEST(ChannelGroups, NetworksOfTheZoo) {
  const struct {
    const char* name;
    Shape input;  // empty: its own
    std::size_t groups;
  } nets[] = {
      {"resnet18", {3, 16, 16}, 12},        // four streams, and inside of eight blocks
      {"preactresnet18", {3, 16, 16}, 12},  // normalised before the sum is read
      {"mobilenetv2", {3, 32, 32}, 26},     // 17 blocks, 7 streams, stem and end
      {"densenet121", {3, 16, 16}, 120},    // each layer is read by all behind it
      {"senet18", {3, 16, 16}, 20},
      {"resnext29_2x64d", {3, 16, 16}, 13},
      {"regnetx_200mf", {3, 16, 16}, 18},
      {"dpn26", {3, 16, 16}, 25},  // inside of 8 blocks, stem, 4 sums, 12 parts that are joined
      {"googlenet", {3, 16, 16}, 64},
      {"vit_tiny", {3, 32, 32}, 24},  // heads and inner width of 12 blocks
      {"text_cnn", {}, 4},            // the embedding, and three widths of windows
      {"tcn", {}, 5},
      {"mlp", {}, 2}};
  for (const auto& net : nets) {
    const ModelEntry* entry = find_model(net.name);
    ASSERT_NE(entry, nullptr) << net.name;
    ModelOptions options;
    options.input = net.input.empty() ? entry->input : net.input;
    const auto graph = build_model(*entry, options);
    ASSERT_TRUE(graph.ok()) << net.name << graph.error().to_string();
    expect_cuts_change_nothing_else({net.name, *graph, net.groups});
  }
}

TEST(ChannelGroups, WhatIsNotUnderstoodStays) {
  GraphBuilder b;
  const auto h = conv(b, b.input("x", ElementType::kFloat32, {-1, 2, 6, 6}), {8, 2, 3, 3}, 1);
  const auto mixed = b.node("CumSum", {h, b.constant("axis", Tensor::scalar<std::int64_t>(1))});
  const Graph graph = finish(b, mixed, 8 * 36);
  const auto groups = channel_groups(graph);
  ASSERT_TRUE(groups.ok()) << groups.error().to_string();
  EXPECT_TRUE(groups->empty());
}

TEST(KeepChannels, RefusesWhatIsNotThere) {
  const CutCase of = small_graphs().front();
  const auto groups = channel_groups(of.graph);
  for (const std::vector<std::int64_t>& kept :
       {std::vector<std::int64_t>{}, {0, 8}, {1, 1}, {2, 1}, {-1}}) {
    Graph graph = of.graph;
    const Status done = keep_channels(graph, std::span(*groups).first(1), std::span(&kept, 1));
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().code(), ErrorCode::kBadValue);
  }
}

}  // namespace
}  // namespace tenbin

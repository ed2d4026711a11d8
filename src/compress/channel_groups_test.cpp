// SPDX-License-Identifier: Apache-2.0
#include "compress/channel_groups.h"

#include <gtest/gtest.h>

#include <numeric>

#include "engine/session.h"
#include "engine/train_case.h"
#include "graph/builder.h"
#include "graph/counts.h"
#include "graph/models/model.h"

namespace tenbin {
namespace {

Tensor drawn(Shape shape, std::uint64_t stream) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  Random random(5, stream);
  for (float& value : out.data<float>()) value = static_cast<float>(0.3 * random.normal());
  return out;
}

std::vector<float> answers_of(const Graph& network, const Tensor& rows) {
  Model model;
  model.graph = network;
  const auto session = Session::create(model, SessionOptions{});
  EXPECT_TRUE(session.ok()) << session.error().to_string();
  const auto out = (*session)->run(std::vector<Tensor>{rows});
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  if (!out.ok()) return {};
  const std::span<const float> values = out->front().data<float>();
  return {values.begin(), values.end()};
}

// The network with what reads these channels set to zero: it answers as if they were not there.
Graph unread(Graph network, const ChannelGroup& group, const std::vector<bool>& gone) {
  for (const ChannelSlice& slice : group.slices) {
    if (slice.role != SliceRole::kReads) continue;
    Tensor& tensor = network.initializers.at(slice.tensor);
    const Shape& shape = tensor.shape();
    std::size_t inner = 1;
    for (std::size_t d = slice.axis + 1; d < shape.size(); ++d) {
      inner *= static_cast<std::size_t>(shape[d]);
    }
    const auto along = static_cast<std::size_t>(shape[slice.axis]);
    const std::span<float> values = tensor.data<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto entry = static_cast<std::int64_t>(i / inner % along) - slice.offset;
      if (entry < 0 || entry >= group.channels * slice.each) continue;
      if (gone[static_cast<std::size_t>(entry / slice.each)]) values[i] = 0;
    }
  }
  return network;
}

struct Case {
  std::string why;
  Graph graph;
  std::size_t groups;  // expected
};

Tensor rows_for(const Graph& graph) {
  const ValueInfo& input = graph.inputs.front();
  Shape shape = input.shape;
  shape[0] = 3;
  if (input.type == ElementType::kFloat32) return drawn(shape, 99);
  Tensor tokens(input.type, shape);
  Random random(5, 99);
  for (std::int64_t& token : tokens.data<std::int64_t>()) {
    token = static_cast<std::int64_t>(random.below(1'000));
  }
  return tokens;
}

// Each second channel of each group, one group after another.
void expect_cuts_change_nothing_else(const Case& of) {
  SCOPED_TRACE(of.why);
  const auto groups = channel_groups(of.graph);
  ASSERT_TRUE(groups.ok()) << groups.error().to_string();
  EXPECT_EQ(groups->size(), of.groups);
  const Tensor rows = rows_for(of.graph);
  const GraphCounts before = count(of.graph).value();
  Graph all_masked = of.graph;
  std::vector<std::vector<std::int64_t>> all_kept;
  for (const ChannelGroup& group : *groups) {
    SCOPED_TRACE(group.name);
    std::vector<bool> gone(static_cast<std::size_t>(group.channels), false);
    std::vector<std::int64_t> kept;
    for (std::int64_t c = 0; c < group.channels; ++c) {
      if (c % 2 == 1) {
        gone[static_cast<std::size_t>(c)] = true;
      } else {
        kept.push_back(c);
      }
    }
    all_masked = unread(all_masked, group, gone);
    all_kept.push_back(kept);
  }
  Graph cut = of.graph;
  const Status done = keep_channels(cut, *groups, all_kept);
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  const GraphCounts after = count(cut).value();
  EXPECT_LT(after.parameters, before.parameters);
  EXPECT_LT(after.macs.count, before.macs.count);
  const auto want = answers_of(all_masked, rows), got = answers_of(cut, rows);
  ASSERT_EQ(want.size(), got.size());
  double largest = 0, worst = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(want[i])));
    worst = std::max(worst, std::abs(static_cast<double>(want[i]) - static_cast<double>(got[i])));
  }
  EXPECT_GT(largest, 0) << "all answers are zero: nothing is compared";
  EXPECT_LE(worst, 1e-4 * largest);
  const auto whole = answers_of(of.graph, rows);
  EXPECT_NE(whole, want) << "the channels do not matter: nothing is shown";
}

std::string conv(GraphBuilder& b, const std::string& x, Shape weights, std::uint64_t stream,
                 std::int64_t group = 1) {
  const std::int64_t pad = weights[2] / 2;
  const Tensor bias = drawn({weights[0]}, stream + 50);
  return b.node("Conv",
                {x, b.constant("w", drawn(std::move(weights), stream)), b.constant("c", bias)},
                {{"group", group}, {"pads", std::vector<std::int64_t>{pad, pad, pad, pad}}});
}

Graph finish(GraphBuilder& b, const std::string& x, std::int64_t width) {
  const auto flat = b.node("Flatten", {x});
  b.output(b.node("Gemm",
                  {flat, b.constant("u", drawn({width, 4}, 77)), b.constant("e", drawn({4}, 78))}),
           "logits");
  return std::move(b).build().value();
}

std::vector<Case> small_graphs() {
  std::vector<Case> out;
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
  for (const Case& of : small_graphs()) expect_cuts_change_nothing_else(of);
}

TEST(ChannelGroups, NetworksOfTheZoo) {
  const struct {
    const char* name;
    Shape input;  // empty: its own
    std::size_t groups;
  } nets[] = {{"resnet18", {3, 16, 16}, 12},        // four streams, and inside of eight blocks
              {"preactresnet18", {3, 16, 16}, 12},  // normalised before the sum is read
              {"mobilenetv2", {3, 32, 32}, 26},     // 17 blocks, 7 streams, stem and end
              {"densenet121", {3, 16, 16}, 120},    // each layer is read by all behind it
              {"senet18", {3, 16, 16}, 20},
              {"resnext29_2x64d", {3, 16, 16}, 13},
              {"regnetx_200mf", {3, 16, 16}, 18},
              {"dpn26", {3, 16, 16}, 9},  // sums of a part, joined to the rest
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
  const Case of = small_graphs().front();
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

// SPDX-License-Identifier: Apache-2.0
#include "compress/channel_walk.h"

#include <gtest/gtest.h>

#include "compress/channel_case.h"

namespace tenbin {
namespace {

constexpr auto kFloat = ElementType::kFloat32;
using Ints = std::vector<std::int64_t>;

std::string first_conv(GraphBuilder& b) {
  return b.node("Relu", {conv(b, b.input("x", kFloat, {-1, 2, 6, 6}), {8, 2, 3, 3}, 1)});
}

std::string dense(GraphBuilder& b, const std::string& x, Shape weights, std::uint64_t stream,
                  const std::string& added = "") {
  std::vector<std::string> inputs = {x, b.constant("u", drawn(std::move(weights), stream))};
  if (!added.empty()) inputs.push_back(added);
  return b.node("Gemm", std::move(inputs));
}

// Graphs that run: cutting must be the same as not reading.
std::vector<CutCase> odd_graphs() {
  std::vector<CutCase> out;
  {
    GraphBuilder b;
    const auto x = b.input("x", kFloat, {-1, 5});
    const auto h = b.node("Relu", {dense(b, x, {5, 8}, 1)});
    const auto sum = dense(b, x, {5, 8}, 2, h);
    b.output(dense(b, b.node("Relu", {sum}), {8, 4}, 3), "logits");
    out.push_back({"what a Gemm adds has its channels", std::move(b).build().value(), 1});
  }
  {
    GraphBuilder b;
    const auto h = first_conv(b);
    const auto one = conv(b, h, {1, 8, 3, 3}, 2);
    const auto sum = b.node("Sum", {one, conv(b, h, {6, 8, 3, 3}, 3), conv(b, h, {6, 8, 1, 1}, 4)});
    out.push_back({"after one value for all, the others are still tied",
                   finish(b, b.node("Relu", {sum}), 6 * 36), 2});
  }
  {
    GraphBuilder b;
    const auto h = first_conv(b);
    const auto mean = b.node("ReduceMean", {h}, {{"axes", Ints{0}}, {"keepdims", std::int64_t{0}}});
    const auto sum =
        b.node("Sum", {mean, conv(b, h, {8, 8, 1, 1}, 2), conv(b, h, {8, 8, 3, 3}, 3)});
    out.push_back({"operands of fewer dimensions", finish(b, sum, 8 * 36), 1});
  }
  {
    GraphBuilder b;
    const auto h = b.node("Transpose", {first_conv(b)}, {{"perm", Ints{0, 2, 3, 1}}});
    const auto pooled =
        b.node("MaxPool", {h}, {{"kernel_shape", Ints{1, 2}}, {"strides", Ints{1, 2}}});
    const auto back = b.node("Transpose", {pooled}, {{"perm", Ints{0, 3, 1, 2}}});
    out.push_back({"a pool over channels that stand elsewhere mixes them; what reads it is free",
                   finish(b, conv(b, back, {6, 4, 3, 3}, 2), 6 * 36), 1});
  }
  return out;
}

Tensor sizes(std::vector<std::int64_t> values) {
  const Shape shape = {static_cast<std::int64_t>(values.size())};
  return Tensor::of<std::int64_t>(shape, values);
}

// Attention of queries, keys and values that one product makes: [batch, 5, 6] -> [batch, 5, 4].
Graph attention(bool by_split) {
  constexpr std::int64_t kTokens = 5, kHeads = 4, kWidth = 3;
  GraphBuilder b;
  const auto x = b.input("x", kFloat, {-1, kTokens, 6});
  auto h = b.node("MatMul", {x, b.constant("w", drawn({6, 3 * kHeads * kWidth}, 1))});
  h = b.node("Add", {h, b.constant("c", drawn({3 * kHeads * kWidth}, 2))});
  h = b.node("Reshape", {h, b.constant("s", sizes({0, kTokens, 3, kHeads, kWidth}))});
  h = b.node("Transpose", {h}, {{"perm", Ints{2, 0, 3, 1, 4}}});
  std::vector<std::string> parts;
  if (by_split) {
    for (const auto& part :
         b.nodes("Split", {h, b.constant("s", sizes({1, 1, 1}))}, 3, {{"axis", std::int64_t{0}}})) {
      parts.push_back(b.node("Squeeze", {part, b.constant("a", sizes({0}))}));
    }
  } else {
    for (std::int64_t i = 0; i < 3; ++i) {
      const auto which = b.constant("i", Tensor::scalar<std::int64_t>(i));
      parts.push_back(b.node("Gather", {h, which}, {{"axis", std::int64_t{0}}}));
    }
  }
  const auto turned = b.node("Transpose", {parts[1]}, {{"perm", Ints{0, 1, 3, 2}}});
  h = b.node("Softmax", {b.node("MatMul", {parts[0], turned})}, {{"axis", std::int64_t{-1}}});
  h = b.node("Transpose", {b.node("MatMul", {h, parts[2]})}, {{"perm", Ints{0, 2, 1, 3}}});
  h = b.node("Reshape", {h, b.constant("s", sizes({0, kTokens, kHeads * kWidth}))});
  b.output(b.node("MatMul", {h, b.constant("u", drawn({kHeads * kWidth, 4}, 3))}), "y");
  return std::move(b).build().value();
}

// Channels that are told apart after they were made.
std::vector<CutCase> parted_graphs() {
  std::vector<CutCase> out;
  const auto part = [](GraphBuilder& b, const std::string& x, std::vector<std::int64_t> counts) {
    const std::size_t n = counts.size();
    return b.nodes("Split", {x, b.constant("s", sizes(std::move(counts)))}, n,
                   {{"axis", std::int64_t{1}}});
  };
  {
    GraphBuilder b;
    const auto parts = part(b, first_conv(b), {2, 6});
    const auto deep = b.node("Relu", {conv(b, parts[1], {6, 6, 3, 3}, 2)});
    const auto all = b.node("Concat", {parts[0], parts[1], deep}, {{"axis", std::int64_t{1}}});
    out.push_back({"parts are groups of their own", finish(b, all, 14 * 36), 3});
  }
  {
    GraphBuilder b;
    const auto h = first_conv(b);
    const auto parts = part(b, h, {4, 4});
    const auto sum = b.node("Add", {conv(b, parts[0], {8, 4, 3, 3}, 2), h});
    const auto all = b.node("Concat", {sum, parts[1]}, {{"axis", std::int64_t{1}}});
    out.push_back(
        {"what is added to the whole comes in the same parts", finish(b, all, 12 * 36), 2});
  }
  {
    GraphBuilder b;
    const auto x = b.input("x", kFloat, {-1, 5});
    const auto made =
        b.node("Gemm", {x, b.constant("w", drawn({5, 12}, 1)), b.constant("c", drawn({12}, 2))});
    const auto parts = b.nodes("Split", {made}, 2, {{"axis", std::int64_t{1}}});
    const auto gated = b.node("Mul", {b.node("Sigmoid", {parts[0]}), parts[1]});
    out.push_back({"halves that gate each other, without sizes", finish(b, gated, 6), 1});
  }
  {
    GraphBuilder b;
    const auto halves = b.nodes("Split", {first_conv(b)}, 2, {{"axis", std::int64_t{1}}});
    const auto all =
        b.node("Concat", {halves[0], b.node("Neg", {halves[1]})}, {{"axis", std::int64_t{1}}});
    out.push_back({"halves without sizes stay equal", finish(b, all, 8 * 36), 1});
  }
  {
    GraphBuilder b;
    const auto parts = part(b, first_conv(b), {3, 5});
    const auto again = part(b, conv(b, parts[1], {6, 5, 1, 1}, 2), {1, 3, 2});
    const auto all =
        b.node("Concat", {again[2], parts[0], again[1], again[0]}, {{"axis", std::int64_t{1}}});
    // A part of one channel is no group.
    out.push_back({"parts of parts, in another order", finish(b, all, 9 * 36), 4});
  }
  out.push_back({"heads of a joint product, picked", attention(false), 1});
  out.push_back({"heads of a joint product, split", attention(true), 1});
  return out;
}

TEST(ChannelWalk, CuttingIsTheSameAsNotReading) {
  for (const CutCase& of : odd_graphs()) expect_cuts_change_nothing_else(of);
  for (const CutCase& of : parted_graphs()) expect_cuts_change_nothing_else(of);
}

Graph that_captures(const std::string& constant) {
  Graph body;
  OpCall add;
  add.op = "Identity";
  add.name = "captures";
  add.inputs = {constant};
  add.outputs = {"same"};
  body.nodes.push_back(add);
  body.outputs.push_back({"same", ElementType::kUndefined, {}, false});
  return body;
}

// Graphs that must be left alone: [why, graph].
std::vector<std::pair<std::string, Graph>> fixed_graphs() {
  std::vector<std::pair<std::string, Graph>> out;
  {
    GraphBuilder b;
    const auto h = first_conv(b);
    const auto strange = b.node("Strange", {h}, {}, "com.example");
    const auto sum = b.node("Add", {strange, conv(b, h, {8, 8, 3, 3}, 2)});
    out.emplace_back("an unknown operator, and a sum with what it made", finish(b, sum, 8 * 36));
  }
  {
    GraphBuilder b;
    const auto x = b.input("x", kFloat, {-1, 2, 6, 6});
    const auto strange = b.node("Strange", {x}, {}, "com.example");
    const auto sum = b.node("Add", {conv(b, x, {8, 2, 3, 3}, 2), strange});
    out.emplace_back("a sum with something of unknown shape", finish(b, sum, 8 * 36));
  }
  {
    GraphBuilder b;
    const auto pooled = b.nodes("MaxPool", {first_conv(b)}, 2,
                                {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
    b.output(pooled[1], "places");
    out.emplace_back("the places of maxima leave the network", finish(b, pooled[0], 8 * 9));
  }
  {
    GraphBuilder b;
    Graph graph = finish(b, first_conv(b), 8 * 36);
    graph.outputs.push_back({"w", kFloat, {8, 2, 3, 3}, true});
    out.emplace_back("weights leave the network", std::move(graph));
  }
  {
    GraphBuilder b;
    const auto h = first_conv(b);
    const auto chosen = b.constant("chosen", Tensor::scalar<bool>(true));
    const auto body = std::make_shared<Subgraph>(Subgraph{that_captures("w")});
    b.output(b.node("If", {chosen},
                    {{"then_branch", std::shared_ptr<const Subgraph>(body)},
                     {"else_branch", std::shared_ptr<const Subgraph>(body)}}),
             "captured");
    out.emplace_back("weights that a branch reads", finish(b, h, 8 * 36));
  }
  {
    GraphBuilder b;
    const auto x = b.input("x", kFloat, {-1, 5});
    const auto places =
        b.node("Cast", {b.node("Sigmoid", {dense(b, x, {5, 8}, 1)})}, {{"to", std::int64_t{7}}});
    const auto rows = b.node("Gather", {b.constant("table", drawn({9, 3}, 2)), places});
    b.output(b.node("ReduceMean", {rows}, {{"axes", Ints{2}}}), "logits");
    out.emplace_back("channels that say which rows", std::move(b).build().value());
  }
  {
    GraphBuilder b;
    const auto parts =
        b.nodes("Split", {first_conv(b)}, 2, {{"axis", std::int64_t{1}}, {"split", Ints{4, 4}}});
    const auto sum = b.node("Add", {parts[0], parts[1]});
    Graph graph = finish(b, sum, 4 * 36);
    out.emplace_back("sizes of parts in an attribute, which nothing cuts", std::move(graph));
  }
  return out;
}

TEST(ChannelWalk, WhatCannotBeFollowedStays) {
  for (const auto& [why, graph] : fixed_graphs()) {
    SCOPED_TRACE(why);
    const auto groups = channel_groups(graph);
    ASSERT_TRUE(groups.ok()) << groups.error().to_string();
    for (const ChannelGroup& group : *groups) ADD_FAILURE() << group.name << " may be cut";
  }
}

}  // namespace
}  // namespace tenbin

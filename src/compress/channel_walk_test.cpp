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

TEST(ChannelWalk, CuttingIsTheSameAsNotReading) {
  for (const CutCase& of : odd_graphs()) expect_cuts_change_nothing_else(of);
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

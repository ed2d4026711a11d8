// SPDX-License-Identifier: Apache-2.0
#include "engine/fold_constants.h"

#include <gtest/gtest.h>

#include "graph/builder.h"

namespace tenbin {
namespace {

Tensor sizes(std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(FoldConstants, RunsWhatIsConstantOnce) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {2});
  const auto two = b.node("Constant", {}, {{"value_float", 2.0F}});
  const auto six = b.node("Mul", {two, b.constant("three", Tensor::scalar(3.0F))});
  b.output(b.node("Add", {x, six}), "y");
  Graph graph = std::move(b).build().value();
  EXPECT_EQ(fold_constants(graph), 2U);
  ASSERT_EQ(graph.nodes.size(), 1U);
  ASSERT_EQ(graph.initializers.size(), 1U) << "what nobody reads is gone";
  EXPECT_EQ(graph.initializers.at(graph.nodes[0].inputs[1]), Tensor::scalar(6.0F));
  EXPECT_EQ(fold_constants(graph), 0U);
}

TEST(FoldConstants, LeavesWhatIsRandomLargeOrWrong) {
  GraphBuilder b;
  b.output(b.node("RandomNormal", {}, {{"shape", std::vector<std::int64_t>{2}}}), "random");
  const auto large = b.constant("large", sizes({1 << 14, 1 << 14}));
  b.output(b.node("ConstantOfShape", {large}), "filled");
  const auto a = b.constant("a", sizes({1, 2})), c = b.constant("c", sizes({9}));
  b.output(b.node("Gather", {a, c}), "outside");
  Graph graph = std::move(b).build().value();
  EXPECT_EQ(fold_constants(graph), 0U);
  EXPECT_EQ(graph.nodes.size(), 3U);
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "engine/op.h"
#include "engine/op_case.h"

namespace tenbin {
const OpEntry& op_tree_ensemble();
namespace {

std::vector<Tensor> run(const OpProbe& probe) {
  auto out = run_op(probe.call, probe.inputs);
  EXPECT_TRUE(out.ok()) << probe.why << ": " << out.error().to_string();
  return out.ok() ? *std::move(out) : std::vector<Tensor>(2);
}

TEST(OpTreeEnsemble, RegressorGoesLeftOnLessAndOnMissing) {
  const auto out = run(op_tree_ensemble().probes()[0]);
  EXPECT_EQ(out[0], Tensor::of<float>({4, 1}, {9, 12, 12, 9}));
}

TEST(OpTreeEnsemble, ClassifierGivesLabelsAndShares) {
  const auto out = run(op_tree_ensemble().probes()[1]);
  EXPECT_EQ(out[0], Tensor::of<std::int64_t>({4}, {6, 7, 7, 6})) << "0.25 beats -1, 2 beats 0.25";
  const auto shares = out[1].data<float>();
  const float sum = std::exp(-1.0F) + std::exp(0.25F) + 1;
  EXPECT_NEAR(shares[0], std::exp(-1.0F) / sum, 1e-6);
  EXPECT_NEAR(shares[1], std::exp(0.25F) / sum, 1e-6);
}

TEST(OpTreeEnsemble, OneMarginServesTwoClasses) {
  const auto out = run(op_tree_ensemble().probes()[2]);
  EXPECT_EQ(out[0], Tensor::strings({4}, {"no", "yes", "yes", "no"}));
  EXPECT_NEAR(out[1].data<float>()[1], 1 / (1 + std::exp(1.0F)), 1e-6);
  EXPECT_NEAR(out[1].data<float>()[0] + out[1].data<float>()[1], 1, 1e-6);
}

// Rows of -1 + 10 and 2 + 10 meet a tree of 4 below 0.75 and -3 above.
TEST(OpTreeEnsemble, AggregatesOverTrees) {
  const auto probes = op_tree_ensemble().probes();
  EXPECT_EQ(run(probes[3])[0], Tensor::of<float>({4, 1}, {11.5F, 13, 9.5F, 11.5F})) << "mean";
  EXPECT_EQ(run(probes[4])[0], Tensor::of<float>({4, 1}, {9, 12, 7, 9})) << "least";
  EXPECT_EQ(run(probes[5])[0], Tensor::of<float>({4, 1}, {14, 14, 12, 14})) << "greatest";
}

TEST(OpTreeEnsemble, RefusesBrokenTrees) {
  struct Row {
    const char* why;
    const char* key;
    Attribute value;
  };
  using Ints = std::vector<std::int64_t>;
  const Row rows[] = {
      {"a child that does not exist", "nodes_truenodeids", Ints{9, 0, 0}},
      {"a root that is its own child", "nodes_truenodeids", Ints{0, 0, 0}},
      {"two ways to one node", "nodes_falsenodeids", Ints{1, 0, 0}},
      {"unequal lists", "nodes_values", std::vector<float>{1}},
      {"an unknown mode", "nodes_modes", std::vector<std::string>{"BRANCH_SIN", "LEAF", "LEAF"}},
      {"a weight on a branch", "target_nodeids", Ints{0, 2}},
      {"an output that does not exist", "target_ids", Ints{0, 7}},
      {"a negative feature", "nodes_featureids", Ints{-1, 0, 0}},
  };
  for (const Row& row : rows) {
    OpProbe probe = op_tree_ensemble().probes()[0];
    probe.call.attributes[row.key] = row.value;
    EXPECT_FALSE(run_op(probe.call, probe.inputs).ok()) << row.why;
  }
  OpProbe narrow = op_tree_ensemble().probes()[0];
  narrow.call.attributes["nodes_featureids"] = Ints{3, 0, 0};
  EXPECT_FALSE(run_op(narrow.call, narrow.inputs).ok()) << "fewer columns than the trees ask for";
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "app/fit/committee.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "app/fit/learn_folds.h"
#include "engine/session.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

std::vector<float> run(const Graph& graph, const Tensor& features) {
  Model model;
  model.graph = graph;
  const auto session = Session::create(model, {1});
  EXPECT_TRUE(session.ok()) << session.error().to_string();
  const std::vector<Tensor> in = {features};
  const auto out = (*session)->run(in);
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  const auto values = out->front().data<float>();
  return {values.begin(), values.end()};
}

std::vector<float> softmax_rows(std::vector<float> logits, std::size_t width) {
  for (std::size_t at = 0; at < logits.size(); at += width) {
    float sum = 0;
    for (std::size_t k = 0; k < width; ++k) sum += logits[at + k] = std::exp(logits[at + k]);
    for (std::size_t k = 0; k < width; ++k) logits[at + k] /= sum;
  }
  return logits;
}

std::vector<float> mean_of(const std::vector<std::vector<float>>& lists) {
  std::vector<float> out(lists.front().size(), 0.0F);
  for (const auto& list : lists) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += list[i] / static_cast<float>(lists.size());
    }
  }
  return out;
}

TEST(Committee, MembersMeetAfterTheSoftmaxTheirGraphsBefore) {
  constexpr std::int64_t kWidth = 3, kClasses = 2, kRows = 5;
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(kRows * kWidth));
  for (int i = 0; i < kRows * kWidth; ++i) values.push_back(static_cast<float>(i % 7) - 3);
  const Tensor features = Tensor::of<float>({kRows, kWidth}, std::span<const float>(values));
  const auto net = [&](const std::vector<std::int64_t>& hidden, std::uint64_t seed) {
    return *make_mlp(kWidth, hidden, kClasses, seed);
  };
  const std::vector<CommitteeMember> members = {{"linear", {net({}, 1), net({}, 2), net({}, 3)}},
                                                {"mlp", {net({4}, 4), net({4}, 5)}}};
  const auto graph = committee_graph(members, kWidth, kClasses);
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  std::vector<std::vector<float>> parts;
  for (const CommitteeMember& member : members) {
    std::vector<std::vector<float>> logits;
    for (const Graph& one : member.graphs) logits.push_back(run(one, features));
    parts.push_back(softmax_rows(mean_of(logits), kClasses));
  }
  const auto expected = mean_of(parts), found = run(*graph, features);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-5) << i;
  int products = 0;
  for (const OpCall& node : graph->nodes) products += node.op == "Gemm" ? 1 : 0;
  EXPECT_EQ(products, 1 + 2 * 2) << "three linear models are one; two nets of two layers stay";
}

TEST(Committee, ValuesAreAveragedWithoutSoftmax) {
  const Tensor features = Tensor::of<float>({2, 1}, {1.0F, -2.0F});
  const std::vector<CommitteeMember> members = {{"a", {*make_mlp(1, {}, 1, 1)}},
                                                {"b", {*make_mlp(1, {3}, 1, 2)}}};
  const auto graph = committee_graph(members, 1, 0);
  ASSERT_TRUE(graph.ok()) << graph.error().to_string();
  const auto a = run(members[0].graphs[0], features), b = run(members[1].graphs[0], features);
  const auto both = run(*graph, features);
  for (std::size_t i = 0; i < both.size(); ++i) EXPECT_NEAR(both[i], (a[i] + b[i]) / 2, 1e-6);
  EXPECT_FALSE(committee_graph({}, 1, 0).ok());
  EXPECT_FALSE(committee_graph({{"none", {}}}, 1, 0).ok());
}

TEST(Folds, AreOfLikeSizeAndLikeClasses) {
  Answers answers;
  for (int i = 0; i < 103; ++i) answers.labels.push_back(i % 10 == 0 ? 1 : 0);
  const auto folds = assign_folds(answers, 103, 5, 1);
  std::vector<int> rows(5), rare(5);
  for (std::size_t i = 0; i < folds.size(); ++i) {
    ++rows[static_cast<std::size_t>(folds[i])];
    rare[static_cast<std::size_t>(folds[i])] += answers.labels[i] == 1 ? 1 : 0;
  }
  for (int fold = 0; fold < 5; ++fold) {
    EXPECT_GE(rows[static_cast<std::size_t>(fold)], 20);
    EXPECT_LE(rows[static_cast<std::size_t>(fold)], 21);
    EXPECT_GE(rare[static_cast<std::size_t>(fold)], 2) << "11 rare rows over 5 folds";
  }
  EXPECT_EQ(folds, assign_folds(answers, 103, 5, 1)) << "the same seed";
  EXPECT_NE(folds, assign_folds(answers, 103, 5, 2)) << "another seed";
}

TEST(Folds, SpreadValuesEvenly) {
  Answers answers;
  for (int i = 0; i < 100; ++i) answers.values.push_back(static_cast<float>(i));
  const auto folds = assign_folds(answers, 100, 5, 3);
  std::vector<double> means(5);
  for (std::size_t i = 0; i < 100; ++i) {
    means[static_cast<std::size_t>(folds[i])] += static_cast<double>(answers.values[i]) / 20;
  }
  for (const double mean : means) EXPECT_NEAR(mean, 49.5, 2.5) << "each fold sees the whole range";
}

TEST(MeanLoss, IsLogLossOrSquaredError) {
  Answers labels, values;
  labels.labels = {0, 1};
  values.values = {1, -1};
  const float sure[] = {0.5F, 0.5F, 0.0F, 1.0F};
  EXPECT_NEAR(mean_loss(sure, labels, 2), std::log(2.0) / 2, 1e-6);
  const float wrong[] = {0.0F, 1.0F, 1.0F, 0.0F};
  EXPECT_NEAR(mean_loss(wrong, labels, 2), -std::log(1e-7), 1e-4) << "bounded";
  const float near[] = {2.0F, 0.0F};
  EXPECT_NEAR(mean_loss(near, values, 1), 1.0, 1e-6);
}

}  // namespace
}  // namespace tenbin

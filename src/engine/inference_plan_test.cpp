// SPDX-License-Identifier: Apache-2.0
#include "engine/inference_plan.h"

#include <gtest/gtest.h>

#include "engine/train_case.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

std::vector<float> answers(const Graph& graph, const TrainCase& data, std::int64_t batch,
                           int threads, std::int64_t rows) {
  auto plan = InferencePlan::compile(graph, batch, threads);
  EXPECT_TRUE(plan.ok()) << plan.error().to_string();
  EXPECT_EQ((*plan)->batch(), batch);
  EXPECT_EQ((*plan)->input_shape()[0], batch);
  EXPECT_GT((*plan)->planned_bytes().count, 0);
  const std::int64_t width = count_of((*plan)->output_shape()) / batch;
  const auto row = static_cast<std::int64_t>(data.features.size()) / data.rows;
  std::vector<float> out(static_cast<std::size_t>(rows * width), -1);
  const std::span<const float> in(data.features);
  (*plan)->run(in.first(static_cast<std::size_t>(rows * row)), out);
  return out;
}

TEST(InferencePlan, AnswersAlikeOnSeveralThreadsAndForPartsOfABatch) {
  const Graph cnn = make_cnn(1, 28, 28, 10, cnn_28_normalised(), 1).value();
  const Graph mlp = make_mlp(20, {64, 64}, 2, 1).value();
  const struct {
    const char* why;
    const Graph& graph;
    std::int64_t batch, rows;
    int threads;
  } rows[] = {
      {"tiles of equal size", cnn, 32, 32, 2},          {"a smaller last tile", cnn, 37, 37, 3},
      {"fewer rows than the plan has", cnn, 32, 19, 2}, {"a tile without rows", mlp, 64, 5, 4},
      {"too few rows to share", mlp, 12, 12, 4},        {"one row", cnn, 1, 1, 2}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const TrainCase data = random_case(row.graph, 64, 2);
    const auto wanted = answers(row.graph, data, 64, 1, 64);
    const auto found = answers(row.graph, data, row.batch, row.threads, row.rows);
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_NEAR(found[i], wanted[i], 2e-5 * (1 + std::fabs(static_cast<double>(wanted[i])))) << i;
    }
  }
}

TEST(InferencePlan, AnswersInBfloat16WithinItsRounding) {
  if (!has_native_bfloat16()) GTEST_SKIP() << "this processor has no bfloat16 arithmetic";
  const struct {
    const char* why;
    Graph graph;
    std::int64_t batch;
  } rows[] = {{"images, one", make_cnn(1, 28, 28, 10, cnn_28_normalised(), 1).value(), 1},
              {"images, many in tiles", make_cnn(3, 16, 16, 10, cnn_28(), 1).value(), 32},
              {"dense layers", make_mlp(300, {256, 64}, 10, 1).value(), 1}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const TrainCase data = random_case(row.graph, row.batch, 10);
    const auto wanted = answers(row.graph, data, row.batch, 1, row.batch);
    const auto plan =
        InferencePlan::compile(row.graph, row.batch, PlanOptions{2, nullptr, Precision::kBfloat16});
    ASSERT_TRUE(plan.ok()) << plan.error().to_string();
    std::vector<float> found(wanted.size());
    (*plan)->run(data.features, found);
    double error = 0, size = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      error += std::pow(static_cast<double>(found[i]) - static_cast<double>(wanted[i]), 2);
      size += std::pow(static_cast<double>(wanted[i]), 2);
    }
    EXPECT_LT(std::sqrt(error / size), 0.02);
    EXPECT_GT(error, 0) << "nothing was rounded";
    const auto fp32 = InferencePlan::compile(row.graph, row.batch, 1).value();
    if (row.batch == 1) {
      EXPECT_LT((*plan)->planned_bytes().count, fp32->planned_bytes().count);
    }
  }
}

}  // namespace
}  // namespace tenbin

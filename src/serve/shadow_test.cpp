// SPDX-License-Identifier: Apache-2.0
#include "serve/shadow.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tenbin {
namespace {

InferAnswer answer_of(Shape shape, const std::vector<float>& values) {
  Tensor tensor(ElementType::kFloat32, std::move(shape));
  std::copy(values.begin(), values.end(), tensor.data<float>().begin());
  InferAnswer out;
  out.outputs.push_back({"y", std::move(tensor)});
  return out;
}

TEST(Shadow, ComparesLabelsAndValues) {
  ShadowStats stats;
  compare_answers(answer_of({2, 3}, {1, 4, 2, 8, 1, 0}), answer_of({2, 3}, {1, 2, 4, 8, 1, 0}),
                  stats);
  EXPECT_EQ(stats.compared.load(), 1);
  EXPECT_EQ(stats.rows.load(), 2);
  EXPECT_EQ(stats.same_label.load(), 1);
  EXPECT_DOUBLE_EQ(stats.largest.load(), 2.0 / 8);
}

TEST(Shadow, OneNumberARowHasNoLabel) {
  ShadowStats stats;
  compare_answers(answer_of({2, 1}, {10, 20}), answer_of({2, 1}, {10, 21}), stats);
  EXPECT_EQ(stats.rows.load(), 0);
  EXPECT_DOUBLE_EQ(stats.largest.load(), 1.0 / 20);
}

TEST(Shadow, WhatIsNoNumberOrOfAnotherShapeIsInfinitelyFar) {
  ShadowStats stats;
  compare_answers(answer_of({1, 2}, {1, 2}), answer_of({1, 2}, {1, NAN}), stats);
  EXPECT_TRUE(std::isinf(stats.largest.load()));
  ShadowStats shapes;
  compare_answers(answer_of({1, 2}, {1, 2}), answer_of({2, 1}, {1, 2}), shapes);
  EXPECT_TRUE(std::isinf(shapes.largest.load()));
}

std::shared_ptr<ServedVersion> version() {
  auto out = std::make_shared<ServedVersion>();
  out->model = "m";
  return out;
}

TEST(Shadow, TheClientHearsOfTheFirstAloneWhicheverIsQuicker) {
  for (const bool shadow_first : {false, true}) {
    const auto stats = std::make_shared<ShadowStats>();
    int told = 0;
    ServeJob job;
    job.version = version();
    job.request.done = [&](Result<InferAnswer> result) { told += result.ok() ? 1 : 100; };
    auto copy = shadow_job(job, version(), stats);
    ASSERT_TRUE(copy);
    EXPECT_TRUE(copy->background);
    const auto answer = [](ServeJob& of) { of.request.done(answer_of({1, 2}, {1, 2})); };
    answer(shadow_first ? *copy : job);
    EXPECT_EQ(stats->compared.load(), 0);
    answer(shadow_first ? job : *copy);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(stats->compared.load(), 1);
  }
}

TEST(Shadow, TellsFailuresFromWantOfTime) {
  const auto stats = std::make_shared<ShadowStats>();
  const std::pair<ErrorCode, bool> rows[] = {{ErrorCode::kBug, true},
                                             {ErrorCode::kDeadlinePassed, false},
                                             {ErrorCode::kOverloaded, false}};
  for (const auto& [code, fails] : rows) {
    ServeJob job;
    job.version = version();
    job.request.done = [](const Result<InferAnswer>& result) { EXPECT_TRUE(result.ok()); };
    auto copy = shadow_job(job, version(), stats);
    copy->request.done(Error(code, "no"));
    job.request.done(answer_of({1, 2}, {1, 2}));
  }
  EXPECT_EQ(stats->failed.load(), 1);
  EXPECT_EQ(stats->left_out.load(), 2);
  const auto busy = version();
  busy->stats().waiting.store(64);
  ServeJob job;
  job.version = version();
  EXPECT_FALSE(shadow_job(job, busy, stats));
  EXPECT_EQ(stats->left_out.load(), 3);
}

}  // namespace
}  // namespace tenbin

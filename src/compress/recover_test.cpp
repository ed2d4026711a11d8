// SPDX-License-Identifier: Apache-2.0
#include "compress/recover.h"

#include <gtest/gtest.h>

#include "compress/channel_case.h"
#include "compress/trained_case.h"

namespace tenbin {
namespace {

TEST(Recover, ASmallerNetworkLearnsWhatItsTeacherAnswers) {
  const TrainedCase teacher = trained_cnn();
  const std::vector<float> logits = answers_of(teacher.graph, teacher.rows);
  CnnShape shape;
  shape.stages = {{6, 1, 3, true, true}};
  shape.dense = {16};
  shape.batch_norm = true;
  const Graph student = make_cnn(2, 12, 12, 6, shape, 5).value();
  const TeacherRows rows{teacher.rows, logits, 6};
  RecoverOptions options;
  options.batch = 16;
  options.epochs = 60;
  const auto before = agreement(answers_of(student, teacher.rows), logits, 6);
  const auto learned = recover(student, rows, options, {});
  ASSERT_TRUE(learned.ok()) << learned.error().to_string();
  EXPECT_EQ(learned->reason, StopReason::kDone);
  const auto after = agreement(answers_of(learned->best, teacher.rows), logits, 6);
  EXPECT_LT(before, 0.5) << "an untrained student already agrees: the test shows nothing";
  EXPECT_GT(after, 0.85);
}

TEST(Recover, StopsWhenAsked) {
  const TrainedCase teacher = trained_cnn();
  const std::vector<float> logits = answers_of(teacher.graph, teacher.rows);
  TrainHooks hooks;
  int asked = 0;
  hooks.should_stop = [&asked]() -> std::optional<std::string> {
    if (++asked < 5) return std::nullopt;
    return "time: used";
  };
  const auto learned = recover(teacher.graph, {teacher.rows, logits, 6}, {}, hooks);
  ASSERT_TRUE(learned.ok()) << learned.error().to_string();
  EXPECT_EQ(learned->reason, StopReason::kBudget);
  EXPECT_LE(learned->steps, 5);
}

TEST(Recover, RefusesRowsThatDoNotFit) {
  const TrainedCase teacher = trained_cnn();
  const std::vector<float> few(10);
  const auto wrong = recover(teacher.graph, {teacher.rows, few, 6}, {}, {});
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code(), ErrorCode::kBadShape);
  const Tensor ten(ElementType::kFloat32, {10, 2, 12, 12});
  const auto less = recover(teacher.graph, {ten, few, 1}, {}, {});
  ASSERT_FALSE(less.ok());
  EXPECT_EQ(less.error().code(), ErrorCode::kTooFewRows);
}

TEST(Agreement, CountsEqualLabelsOrError) {
  const std::vector<float> one = {1, 2, 3, 0}, other = {0, 5, 1, 2};
  EXPECT_DOUBLE_EQ(agreement(one, other, 2), 0.5);
  EXPECT_DOUBLE_EQ(agreement(one, other, 1), -(1.0 + 9 + 4 + 4) / 4);
}

}  // namespace
}  // namespace tenbin

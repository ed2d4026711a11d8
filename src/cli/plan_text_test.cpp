// SPDX-License-Identifier: Apache-2.0
#include "cli/plan_text.h"

#include <gtest/gtest.h>

namespace tenbin {
namespace {

Json plan_with(Json limits) {
  Json plan = Json::object({{"schema", "tenbin.fit_plan/1"}, {"choice", "all are trained"}});
  plan.set("data", Json::object({{"path", "a\033[2J.csv"}, {"rows", 12'000}}));
  plan.set("learners",
           Json(Json::Array{
               Json::object({{"name", "linear"}, {"learner", "mlp"}, {"most_epochs", 30}}),
               Json::object(
                   {{"name", "trees of depth 3"}, {"learner", "trees"}, {"most_epochs", 600}})}));
  plan.set("limits", std::move(limits));
  plan.set("output",
           Json::object({{"files", Json(Json::Array{Json::object(
                                       {{"path", "out/model.onnx"}, {"exists", true}})})}}));
  plan.set("next", Json(Json::Array{"tenbin fit a.csv"}));
  return plan;
}

TEST(PlanText, SaysWhatWouldBeDone) {
  const std::string text =
      plan_text(plan_with(Json(Json::Array{Json::object(
                    {{"name", "time"}, {"limit", "5 min"}, {"doc", "how long the run takes"}})})),
                {});
  for (const char* part : {"12,000", "at most 30 epochs", "at most 600 rounds", "5 min: how long",
                           "out/model.onnx", "exists", "tenbin fit a.csv"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(text.find('\033'), std::string::npos) << "a file's name cannot drive the terminal";
  EXPECT_NE(plan_text(plan_with(Json::array()), {}).find("Limits\n  none"), std::string::npos);
}

TEST(PlanText, PlainLinesHaveThreeFields) {
  const std::string plain = plan_plain(plan_with(Json::array()));
  EXPECT_NE(plain.find("learner\tlinear\tat most 30 epochs\n"), std::string::npos) << plain;
}

}  // namespace
}  // namespace tenbin

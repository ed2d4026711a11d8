// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/trial_store.h"

#include <gtest/gtest.h>

#include "graph/builder.h"
#include "platform/fakes/test_folder.h"
#include "platform/file_system.h"

namespace tenbin {
namespace {

Attempt tried() {
  Attempt a;
  a.trial = {{0.25, true, "mse", true}, true, {0.003, 0.001, 0.005}, 2.5, 4, 2};
  a.notes = {"left in float32: Conv"};
  a.model = {Bytes{5}, 1'000, 200, ""};
  a.seconds = 1e-5;
  a.choose.answers = {1'000, 900, 12, 9};
  a.choose.candidate_score = 0.897;
  a.bytes = std::string("a\nb\0c", 5);
  return a;
}

TEST(TrialStore, AResumedRunFindsWhatWasTried) {
  const TestFolder folder;
  FileSystem& files = real_file_system();
  const Attempt a = tried();
  TrialStore first(files, folder.path(), "model and rows", false);
  ASSERT_TRUE(first.keep(a).ok());
  EXPECT_FALSE(first.find(a.trial.recipe).has_value()) << "a new run begins anew";

  TrialStore second(files, folder.path(), "model and rows", true);
  const auto found = second.find(a.trial.recipe);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->bytes, a.bytes);
  EXPECT_EQ(found->trial.recipe, a.trial.recipe);
  EXPECT_EQ(found->trial.drop.high, 0.005);
  EXPECT_EQ(found->trial.times_faster, 2.5);
  EXPECT_EQ(found->model.macs, 1'000);
  EXPECT_EQ(found->choose.answers.only_original_right, 12);
  ASSERT_EQ(found->notes.size(), 2U);
  EXPECT_FALSE(second.find({0.5, true}).has_value()) << "never tried";

  TrialStore other(files, folder.path(), "other rows", true);
  EXPECT_FALSE(other.find(a.trial.recipe).has_value());

  second.clear();
  TrialStore after(files, folder.path(), "model and rows", true);
  EXPECT_FALSE(after.find(a.trial.recipe).has_value());
}

TEST(TrialStore, NetworksComeBackAsTheyWere) {
  const TestFolder folder;
  FileSystem& files = real_file_system();
  GraphBuilder b;
  b.output(b.node("Mul", {b.input("x", ElementType::kFloat32, {-1, 2}),
                          b.constant("w", Tensor::of<float>({2}, {0.1F, 3}))}),
           "logits");
  const Graph network = std::move(b).build().value();
  TrialStore first(files, folder.path(), "key", false);
  ASSERT_TRUE(first.keep_network("pruned to a half", network).ok());
  TrialStore second(files, folder.path(), "key", true);
  const auto found = second.find_network("pruned to a half");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->initializers, network.initializers);
  EXPECT_FALSE(second.find_network("pruned to a quarter").has_value());
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "graph/models/model_case.h"

namespace tenbin {
namespace {

TEST(Models, EntriesDescribeThemselvesAndAreFoundInAnyCase) {
  ASSERT_GE(model_catalogue().size(), 20U);
  for (const ModelEntry* entry : model_catalogue()) {
    EXPECT_EQ(find_model(entry->name), entry);
    EXPECT_FALSE(entry->title.empty() || entry->doc.empty() || entry->axes.empty()) << entry->name;
    EXPECT_FALSE(entry->input.empty()) << entry->name;
  }
  EXPECT_EQ(find_model("ResNet18")->name, "resnet18");
  EXPECT_EQ(find_model("resnet19"), nullptr);
}

TEST(Models, OptionsAreChecked) {
  const struct {
    const char* why;
    const char* model;
    ModelOptions options;
    ErrorCode code;
    const char* says;
  } rows[] = {
      {"rank", "resnet18", {.input = {32, 32}}, ErrorCode::kBadValue, "channels x height x width"},
      {"size", "resnet18", {.input = {3, 0, 32}}, ErrorCode::kBadValue, "input size of 0"},
      {"classes", "resnet18", {.classes = 0}, ErrorCode::kBadValue, "classes of 0"},
      {"not taken", "lenet", {.width = 2}, ErrorCode::kUnknownOption, "input, classes, seed"},
      {"too wide", "mobilenet", {.width = 100}, ErrorCode::kBadValue, "0.0625 to 16"},
  };
  for (const auto& row : rows) {
    const auto graph = build_model(*find_model(row.model), row.options);
    ASSERT_FALSE(graph.ok()) << row.why;
    EXPECT_EQ(graph.error().code(), row.code) << row.why;
    EXPECT_NE(graph.error().to_string().find(row.says), std::string::npos)
        << row.why << ": " << graph.error().to_string();
  }
}

TEST(Models, WeightsFollowSeedAndFanIn) {
  const auto build = [](std::uint64_t seed) {
    ModelOptions options;
    options.seed = seed;
    return build_model(*find_model("lenet"), options);
  };
  const auto a = build(7), b = build(7), c = build(8);
  ASSERT_TRUE(a.ok() && b.ok() && c.ok());
  EXPECT_EQ(a->initializers.at("conv.weights"), b->initializers.at("conv.weights"));
  EXPECT_FALSE(a->initializers.at("conv.weights") == c->initializers.at("conv.weights"));
  double most = 0;  // U(-1/sqrt(400), 1/sqrt(400)): 48,000 draws come near the bound
  for (const float w : a->initializers.at("dense.weights").data<float>()) {
    most = std::max(most, std::abs(static_cast<double>(w)));
  }
  EXPECT_LE(most, 0.05 + 1e-7);
  EXPECT_GT(most, 0.0495);
}

}  // namespace
}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "compress/prune.h"

#include <gtest/gtest.h>

#include "compress/channel_case.h"
#include "compress/trained_case.h"
#include "graph/counts.h"
#include "graph/models/model.h"

namespace tenbin {
namespace {

TEST(Prune, WorkFallsAsAskedAndNothingIsMasked) {
  const TrainedCase trained = trained_cnn();
  const WorkWeights weights;
  const double whole = work_of(trained.graph, weights).value();
  for (const double share : {0.7, 0.5, 0.25}) {
    PruneOptions options;
    options.work = share * whole;
    options.multiple = 2;
    const auto pruned = prune_channels(trained.graph, options);
    ASSERT_TRUE(pruned.ok()) << pruned.error().to_string();
    EXPECT_LE(pruned->work, options.work);
    EXPECT_GT(pruned->work, options.work * 0.5) << "far more than asked";
    const GraphCounts counts = count(pruned->graph).value();
    EXPECT_EQ(static_cast<double>(counts.macs.count), pruned->work);
    EXPECT_LT(counts.parameters, count(trained.graph)->parameters);
    EXPECT_EQ(answers_of(pruned->graph, trained.rows).size(), trained.labels.size() * 6);
  }
}

TEST(Prune, SaysWhatCanBeReached) {
  const TrainedCase trained = trained_cnn();
  PruneOptions options;
  options.work = 1;
  const auto pruned = prune_channels(trained.graph, options);
  ASSERT_FALSE(pruned.ok());
  EXPECT_EQ(pruned.error().code(), ErrorCode::kBadValue);
  EXPECT_NE(pruned.error().message().find("leaves work of"), std::string::npos);
}

TEST(Prune, RefusesScoresOfAnotherNetwork) {
  const TrainedCase trained = trained_cnn();
  PruneOptions options;
  options.work = 0.5 * work_of(trained.graph, {}).value();
  for (const ChannelScores& scores : {ChannelScores{{1, 2}}, ChannelScores(9)}) {
    options.scores = scores;
    const auto pruned = prune_channels(trained.graph, options);
    ASSERT_FALSE(pruned.ok());
    EXPECT_EQ(pruned.error().code(), ErrorCode::kBadValue);
  }
}

// Of kinds of networks: what is left counts as reported, is written, read back, and ONNX Runtime
// (where it is installed) answers as we do.
TEST(Prune, WhatIsLeftIsAnOrdinaryModel) {
  for (const char* name : {"resnet18", "mobilenetv2", "regnetx_200mf", "vit_tiny", "mlp"}) {
    SCOPED_TRACE(name);
    const ModelEntry* entry = find_model(name);
    ASSERT_NE(entry, nullptr);
    ModelOptions build;
    build.input = entry->input;
    const Graph graph = build_model(*entry, build).value();
    PruneOptions options;
    options.work = 0.5 * work_of(graph, {}).value();
    options.multiple = 8;
    const auto pruned = prune_channels(graph, options);
    ASSERT_TRUE(pruned.ok()) << pruned.error().to_string();
    EXPECT_LT(count(pruned->graph)->parameters, count(graph)->parameters);
    EXPECT_EQ(static_cast<double>(count(pruned->graph)->macs.count), pruned->work);

    Model model;
    model.graph = pruned->graph;
    const auto bytes = write_onnx(model);
    ASSERT_TRUE(bytes.ok()) << bytes.error().to_string();
    const auto back = parse_onnx(std::as_bytes(std::span(*bytes)));
    ASSERT_TRUE(back.ok()) << back.error().to_string();
    const Tensor rows = rows_for(graph);
    const auto ours = answers_of(pruned->graph, rows);
    EXPECT_EQ(answers_of(back->graph, rows), ours);
    EXPECT_EQ(back->graph.initializers.size(), pruned->graph.initializers.size());
    for (const auto& [tensor, value] : back->graph.initializers) {
      EXPECT_EQ(value.shape(), pruned->graph.initializers.at(tensor).shape()) << tensor;
    }
    const auto theirs = runtime_logits(pruned->graph, rows);
    if (theirs.empty()) GTEST_SKIP() << "ONNX Runtime is not installed: " << name;
    EXPECT_LT(relative_error(theirs, ours), 1e-6);
  }
}

}  // namespace
}  // namespace tenbin

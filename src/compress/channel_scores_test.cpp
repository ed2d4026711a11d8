// SPDX-License-Identifier: Apache-2.0
#include "compress/channel_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "compress/channel_case.h"
#include "compress/trained_case.h"
#include "data/streams/streams.h"
#include "graph/models/model.h"

namespace tenbin {
namespace {

std::vector<float> reads_times(std::int64_t channels, std::size_t channel, float factor) {
  std::vector<float> out(static_cast<std::size_t>(channels), 1.0F);
  out[channel] = factor;
  return out;
}

// Mean cross entropy.
double loss_of(const Graph& network, const TrainedCase& data) {
  const std::vector<float> logits = answers_of(network, data.rows);
  const std::size_t classes = logits.size() / data.labels.size();
  double sum = 0;
  for (std::size_t row = 0; row < data.labels.size(); ++row) {
    const float* const some = logits.data() + row * classes;
    double whole = 0;
    for (std::size_t c = 0; c < classes; ++c) whole += std::exp(static_cast<double>(some[c]));
    sum += std::log(whole) - static_cast<double>(some[data.labels[row]]);
  }
  return sum / static_cast<double>(data.labels.size());
}

std::unique_ptr<BatchStream> stream_of(const TrainedCase& data, std::int64_t batch) {
  const Shape& shape = data.rows.shape();
  RowTargets targets;
  targets.labels = data.labels;
  StreamOptions options;
  options.batch = batch;
  options.shuffle = false;
  return dense_stream(data.rows.data<float>(), Shape(shape.begin() + 1, shape.end()), targets,
                      options);
}

TEST(WeightScores, MadeStronglyAndReadStrongly) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 1});
  const auto w = b.constant("w", Tensor::of<float>({1, 3}, {1, 2, 3}));
  const auto u = b.constant("u", Tensor::of<float>({3, 1}, {4, 4, 1}));
  b.output(b.node("Gemm", {b.node("Relu", {b.node("Gemm", {x, w})}), u}), "y");
  const Graph graph = std::move(b).build().value();
  const auto groups = channel_groups(graph).value();
  ASSERT_EQ(groups.size(), 1U);
  const auto scores = weight_scores(graph, groups[0]);
  EXPECT_NEAR(scores[1] / scores[0], 2, 1e-6);
  EXPECT_NEAR(scores[2] / scores[0], 0.75, 1e-6);
  EXPECT_NEAR(scores[0] + scores[1] + scores[2], 3, 1e-6) << "mean 1";
}

TEST(ActivationScores, AreWhatChannelsAddToTheirReader) {
  const TrainedCase trained = trained_mlp();
  const auto groups = channel_groups(trained.graph).value();
  const auto scores = activation_scores(trained.graph, groups, trained.rows);
  ASSERT_TRUE(scores.ok()) << scores.error().to_string();
  const ChannelGroup& last = groups.back();  // its reader makes the logits
  const auto logits = answers_of(trained.graph, trained.rows);
  std::vector<double> added;
  double sum = 0;
  for (std::size_t c = 0; c < scores->back().size(); ++c) {
    const Graph without = with_reads(trained.graph, last, reads_times(last.channels, c, 0));
    const auto less = answers_of(without, trained.rows);
    double squares = 0;
    for (std::size_t i = 0; i < less.size(); ++i) {
      squares += std::pow(static_cast<double>(logits[i]) - static_cast<double>(less[i]), 2);
    }
    added.push_back(std::sqrt(squares));
    sum += added.back();
  }
  double scored = 0;
  for (const double score : scores->back()) scored += score;
  for (std::size_t c = 0; c < added.size(); ++c) {
    EXPECT_NEAR(scores->back()[c] / scored, added[c] / sum, 1e-4) << c;
  }
}

TEST(ActivationScores, WhatIsNeverActiveMattersNot) {
  TrainedCase trained = trained_cnn();
  const auto groups = channel_groups(trained.graph).value();
  const auto bias = std::ranges::find_if(groups[0].slices, [](const ChannelSlice& slice) {
    return slice.role == SliceRole::kFollows;
  });
  ASSERT_NE(bias, groups[0].slices.end());
  trained.graph.initializers.at(bias->tensor).data<float>()[3] = -1e3F;
  const auto scores = activation_scores(trained.graph, groups, trained.rows);
  ASSERT_TRUE(scores.ok()) << scores.error().to_string();
  EXPECT_EQ((*scores)[0][3], 0);
  EXPECT_GT((*scores)[0][2], 0);
  EXPECT_GT(weight_scores(trained.graph, groups[0])[3], 0) << "weights alone do not tell";
}

// Without kinks, so that differences of the loss are its slopes.
std::vector<TrainedCase> smooth_cases() {
  std::vector<TrainedCase> out;
  for (const bool planes : {false, true}) {
    GraphBuilder b;
    std::string h;
    if (planes) {
      h = b.node("Tanh",
                 {conv(b, b.input("x", ElementType::kFloat32, {-1, 2, 6, 6}), {8, 2, 3, 3}, 1)});
      h = b.node("Tanh", {b.node("Add", {conv(b, h, {8, 8, 3, 3}, 2), h})});
    } else {
      const auto x = b.input("x", ElementType::kFloat32, {-1, 12});
      h = b.node("Tanh", {b.node("Gemm", {x, b.constant("w", drawn({12, 10}, 3))})});
      h = b.node("Sigmoid", {b.node("Gemm", {h, b.constant("w", drawn({10, 8}, 4))})});
    }
    const Graph graph = finish(b, h, planes ? 8 * 36 : 8);
    out.push_back(rows_of_classes(graph, 64, 4));
    out.back().graph = graph;
  }
  return out;
}

TEST(TaylorScores, AreSlopesOfTheLoss) {
  for (const TrainedCase& smooth : smooth_cases()) {
    const auto groups = channel_groups(smooth.graph).value();
    ASSERT_FALSE(groups.empty());
    const auto all = stream_of(smooth, static_cast<std::int64_t>(smooth.labels.size()));
    const auto scores = taylor_scores(smooth.graph, groups, *all, {});
    ASSERT_TRUE(scores.ok()) << scores.error().to_string();
    std::vector<double> wanted, found;
    double sum = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      for (std::size_t c = 0; c < (*scores)[g].size(); ++c) {
        const auto loss = [&](float factor) {
          const auto factors = reads_times(groups[g].channels, c, factor);
          return loss_of(with_reads(smooth.graph, groups[g], factors), smooth);
        };
        wanted.push_back(std::abs(loss(1.02F) - loss(0.98F)) / 0.04);
        found.push_back((*scores)[g][c]);
        sum += wanted.back();
      }
    }
    const double mean = sum / static_cast<double>(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_NEAR(found[i], wanted[i] / mean, 2e-3) << i;
    }
  }
}

TEST(TaylorScores, StopWhenAskedAndSayWhatIsWrong) {
  TrainedCase trained = trained_mlp();
  const auto groups = channel_groups(trained.graph).value();
  const auto rows = stream_of(trained, 16);
  int asked = 0;
  TaylorOptions options;
  options.batches = 3;
  options.may_go_on = StopQuestion([&asked]() -> Status {
    ++asked;
    return {};
  });
  EXPECT_TRUE(taylor_scores(trained.graph, groups, *rows, options).ok());
  EXPECT_EQ(asked, 3);
  options.may_go_on =
      StopQuestion([]() -> Status { return Error(ErrorCode::kBudgetExceeded, "enough"); });
  const auto stopped = taylor_scores(trained.graph, groups, *rows, options);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code(), ErrorCode::kBudgetExceeded);

  trained.rows.data<float>()[5] = std::numeric_limits<float>::quiet_NaN();
  const auto bad = stream_of(trained, 16);
  const auto refused = taylor_scores(trained.graph, groups, *bad, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kNonFinite);
}

// The half of each group with the higher scores; or the lower.
Graph half_of(const Graph& network, const std::vector<ChannelGroup>& groups,
              const ChannelScores& scores, bool higher) {
  std::vector<std::vector<std::int64_t>> kept;
  for (const std::vector<double>& some : scores) {
    std::vector<std::int64_t> order(some.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) {
      const double x = some[static_cast<std::size_t>(a)], y = some[static_cast<std::size_t>(b)];
      return higher ? x > y : x < y;
    });
    order.resize(order.size() / 2);
    std::ranges::sort(order);
    kept.push_back(std::move(order));
  }
  Graph out = network;
  EXPECT_TRUE(keep_channels(out, groups, kept).ok());
  return out;
}

TEST(ChannelScores, FindWhatIsMissedLeast) {
  for (const TrainedCase& trained : {trained_mlp(), trained_cnn()}) {
    const auto groups = channel_groups(trained.graph).value();
    const auto rows = stream_of(trained, 16);
    ChannelScores by_weights;
    for (const auto& group : groups) by_weights.push_back(weight_scores(trained.graph, group));
    const struct {
      const char* name;
      ChannelScores scores;
    } cases[] = {{"weights", by_weights},
                 {"activations", activation_scores(trained.graph, groups, trained.rows).value()},
                 {"taylor", taylor_scores(trained.graph, groups, *rows, {}).value()}};
    const auto logits = logits_of(trained.graph, trained.rows);
    for (const auto& c : cases) {
      const auto error = [&](bool higher) {
        const Graph half = half_of(trained.graph, groups, c.scores, higher);
        return relative_error(logits, logits_of(half, trained.rows));
      };
      EXPECT_LT(error(true), error(false)) << c.name;
    }
  }
}

// Planes, tokens, sequences, heads, parts that are joined: every channel has a score, not all
// alike.
TEST(ActivationScores, OfNetworksOfTheZoo) {
  for (const char* name : {"resnet18", "mobilenetv2", "densenet121", "dpn26", "regnetx_200mf",
                           "vit_tiny", "text_cnn", "tcn", "lstm", "mlp"}) {
    SCOPED_TRACE(name);
    const ModelEntry* entry = find_model(name);
    ASSERT_NE(entry, nullptr);
    ModelOptions build;
    build.input = entry->input;
    const Graph graph = build_model(*entry, build).value();
    Tensor rows = rows_for(graph);
    if (rows.type() == ElementType::kInt64) {  // observed as floats
      Tensor floats(ElementType::kFloat32, rows.shape());
      std::ranges::transform(rows.data<std::int64_t>(), floats.data<float>().begin(),
                             [](std::int64_t token) { return static_cast<float>(token); });
      rows = std::move(floats);
    }
    const auto groups = channel_groups(graph).value();
    const auto scores = activation_scores(graph, groups, rows);
    ASSERT_TRUE(scores.ok()) << scores.error().to_string();
    ASSERT_EQ(scores->size(), groups.size());
    for (std::size_t g = 0; g < groups.size(); ++g) {
      SCOPED_TRACE(groups[g].name);
      const std::vector<double>& some = (*scores)[g];
      ASSERT_EQ(static_cast<std::int64_t>(some.size()), groups[g].channels);
      const auto [least, most] = std::ranges::minmax_element(some);
      EXPECT_GE(*least, 0);
      EXPECT_GT(*most, *least);
      EXPECT_TRUE(std::isfinite(*most));
    }
  }
}

}  // namespace
}  // namespace tenbin

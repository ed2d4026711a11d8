// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compress/channel_groups.h"
#include "compress/slice_view.h"
#include "engine/session.h"
#include "engine/train_case.h"
#include "graph/builder.h"
#include "graph/counts.h"

// Networks whose channels are cut, and what a cut must not change, for tests.
namespace tenbin {

inline Tensor drawn(Shape shape, std::uint64_t stream) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  Random random(5, stream);
  for (float& value : out.data<float>()) value = static_cast<float>(0.3 * random.normal());
  return out;
}

inline std::vector<float> answers_of(const Graph& network, const Tensor& rows) {
  Model model;
  model.graph = network;
  const auto session = Session::create(model, SessionOptions{});
  EXPECT_TRUE(session.ok()) << session.error().to_string();
  const auto out = (*session)->run(std::vector<Tensor>{rows});
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  if (!out.ok()) return {};
  const std::span<const float> values = out->front().data<float>();
  return {values.begin(), values.end()};
}

// The network with what reads each channel times a factor.
inline Graph with_reads(Graph network, const ChannelGroup& group,
                        const std::vector<float>& factors) {
  for (const ChannelSlice& slice : group.slices) {
    if (slice.role != SliceRole::kReads) continue;
    Tensor& tensor = network.initializers.at(slice.tensor);
    const SliceView view(tensor.shape(), slice.axis, slice, group.channels);
    const std::span<float> values = tensor.data<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (const auto channel = view.channel(view.entry(i))) values[i] *= factors[*channel];
    }
  }
  return network;
}

// It answers as if these channels were not there.
inline Graph unread(Graph network, const ChannelGroup& group, const std::vector<bool>& gone) {
  std::vector<float> factors;
  for (const bool goes : gone) factors.push_back(goes ? 0.0F : 1.0F);
  return with_reads(std::move(network), group, factors);
}

struct CutCase {
  std::string why;
  Graph graph;
  std::size_t groups;  // expected
};

inline Tensor rows_for(const Graph& graph) {
  const ValueInfo& input = graph.inputs.front();
  Shape shape = input.shape;
  shape[0] = 3;
  if (input.type == ElementType::kFloat32) return drawn(shape, 99);
  Tensor tokens(input.type, shape);
  Random random(5, 99);
  for (std::int64_t& token : tokens.data<std::int64_t>()) {
    token = static_cast<std::int64_t>(random.below(1'000));
  }
  return tokens;
}

// Each second channel of each group, one group after another.
inline void expect_cuts_change_nothing_else(const CutCase& of) {
  SCOPED_TRACE(of.why);
  const auto groups = channel_groups(of.graph);
  ASSERT_TRUE(groups.ok()) << groups.error().to_string();
  EXPECT_EQ(groups->size(), of.groups);
  const Tensor rows = rows_for(of.graph);
  const GraphCounts before = count(of.graph).value();
  Graph all_masked = of.graph;
  std::vector<std::vector<std::int64_t>> all_kept;
  for (const ChannelGroup& group : *groups) {
    SCOPED_TRACE(group.name);
    std::vector<bool> gone(static_cast<std::size_t>(group.channels), false);
    std::vector<std::int64_t> kept;
    for (std::int64_t c = 0; c < group.channels; ++c) {
      if (c % 2 == 1) {
        gone[static_cast<std::size_t>(c)] = true;
      } else {
        kept.push_back(c);
      }
    }
    all_masked = unread(all_masked, group, gone);
    all_kept.push_back(kept);
  }
  Graph cut = of.graph;
  const Status done = keep_channels(cut, *groups, all_kept);
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  const GraphCounts after = count(cut).value();
  EXPECT_LT(after.parameters, before.parameters);
  EXPECT_LT(after.macs.count, before.macs.count);
  const auto want = answers_of(all_masked, rows), got = answers_of(cut, rows);
  ASSERT_EQ(want.size(), got.size());
  double largest = 0, worst = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(want[i])));
    worst = std::max(worst, std::abs(static_cast<double>(want[i]) - static_cast<double>(got[i])));
  }
  EXPECT_GT(largest, 0) << "all answers are zero: nothing is compared";
  EXPECT_LE(worst, 1e-4 * largest);
  const auto whole = answers_of(of.graph, rows);
  EXPECT_NE(whole, want) << "the channels do not matter: nothing is shown";
}

inline std::string conv(GraphBuilder& b, const std::string& x, Shape weights, std::uint64_t stream,
                        std::int64_t group = 1) {
  const std::int64_t pad = weights[2] / 2;
  const Tensor bias = drawn({weights[0]}, stream + 50);
  return b.node("Conv",
                {x, b.constant("w", drawn(std::move(weights), stream)), b.constant("c", bias)},
                {{"group", group}, {"pads", std::vector<std::int64_t>{pad, pad, pad, pad}}});
}

inline Graph finish(GraphBuilder& b, const std::string& x, std::int64_t width) {
  const auto flat = b.node("Flatten", {x});
  b.output(b.node("Gemm",
                  {flat, b.constant("u", drawn({width, 4}, 77)), b.constant("e", drawn({4}, 78))}),
           "logits");
  return std::move(b).build().value();
}

}  // namespace tenbin

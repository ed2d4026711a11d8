// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/recompute.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/train_case.h"
#include "graph/models/model.h"
#include "graph/nets/nets.h"

namespace tenbin::dnn {
namespace {

constexpr std::size_t kPiece = 64;

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  return (a ^ (b + 0x9e3779b97f4a7c15ULL + (a << 6U) + (a >> 2U))) * 0xff51afd7ed558ccdULL;
}

// Runs the turns over one memory in which buffers lie where they were placed: each step leaves in
// what it writes a number that depends on the step and on all that it finds. Returns what the steps
// of the way back found.
std::vector<std::uint64_t> run(const StepTrace& trace, const TurnList& list) {
  const Placement placement = place_in_arena(lifetimes_of(trace, list));
  std::vector<std::uint64_t> arena(placement.bytes / kPiece + 1, 1);
  std::vector<int> made_by(trace.buffers.size(), -1);  // the step that touches it first
  for (int step = static_cast<int>(trace.touched.size()); step-- > 0;) {
    for (const int b : trace.touched[static_cast<std::size_t>(step)]) {
      made_by[static_cast<std::size_t>(b)] = step;
    }
  }
  std::vector<std::uint64_t> found;
  for (const Turn& turn : list.turns) {
    std::uint64_t value = static_cast<std::uint64_t>(turn.step);
    std::vector<std::pair<std::size_t, std::size_t>> written;  // places, pieces
    for (const int old : trace.touched[static_cast<std::size_t>(turn.step)]) {
      const auto b = static_cast<std::size_t>(list.buffer_at(trace, turn, old));
      const std::size_t at = placement.offsets[b] / kPiece;
      const std::size_t size = trace.buffers[static_cast<std::size_t>(old)].bytes / kPiece;
      const bool reads = made_by[static_cast<std::size_t>(old)] != turn.step ||
                         trace.buffers[static_cast<std::size_t>(old)].from_start;
      for (std::size_t i = 0; reads && i < size; ++i) value = mixed(value, arena[at + i]);
      const bool rewrites =
          std::any_of(trace.rewrites.begin(), trace.rewrites.end(),
                      [&](const auto& rewrite) { return rewrite == std::pair(turn.step, old); });
      if (!reads || rewrites) written.emplace_back(at, size);
    }
    for (const auto& [at, size] : written) {
      for (std::size_t i = 0; i < size; ++i) arena[at + i] = mixed(value, i);
    }
    if (turn.step >= trace.forward) found.push_back(value);
  }
  return found;
}

std::size_t alive(const StepTrace& trace, const Recompute& how) {
  return most_alive(lifetimes_of(trace, turns_of(trace, how)));
}

// Layers one behind the other, each of whose results the next one and its own way back read.
StepTrace chain(int layers) {
  StepTrace t;
  t.forward = layers;
  t.buffers.push_back({kPiece, true, false});
  for (int i = 0; i < layers; ++i) {
    t.buffers.push_back({kPiece, false, false});
    t.touched.push_back({i, i + 1});
  }
  for (int i = layers; i > 0; --i) {
    t.buffers.push_back({kPiece, false, false});  // gradients
    const int gradient = static_cast<int>(t.buffers.size()) - 1;
    t.touched.push_back(i == layers ? std::vector<int>{i, gradient}
                                    : std::vector<int>{i, gradient - 1, gradient});
  }
  return t;
}

TEST(Recompute, LeavesAloneWhatFits) {
  const StepTrace t = chain(10);
  const Recompute how = choose_recompute(t, alive(t, {}));
  EXPECT_TRUE(how.again.empty());
  EXPECT_EQ(how.most_alive, alive(t, {}));
}

TEST(Recompute, AChainOfNTakesAboutTwoRootsOfN) {
  const StepTrace t = chain(100);
  EXPECT_EQ(alive(t, {}), 101 * kPiece);
  const Recompute least = choose_recompute(t, 0);
  EXPECT_LE(least.most_alive, 26 * kPiece);
  EXPECT_EQ(run(t, turns_of(t, {})), run(t, turns_of(t, least)));
  // No more is run twice than must be.
  const Recompute some = choose_recompute(t, 80 * kPiece);
  EXPECT_LE(some.most_alive, 80 * kPiece);
  EXPECT_LT(some.touched, least.touched / 2);
}

// Forward steps that read, make and change buffers as chance will have it, and a way back that
// reads any of them.
StepTrace random_trace(Random& random) {
  StepTrace t;
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random.below(n)); };
  t.forward = 5 + static_cast<int>(below(40));
  const int steps = 2 * t.forward;
  t.buffers.push_back({kPiece, true, false});
  for (int s = 0; s < steps; ++s) {
    std::vector<int> touched;
    for (std::size_t i = 0, reads = 1 + below(3); i < reads; ++i) {
      const std::size_t back = std::min(t.buffers.size(), 1 + below(s < t.forward ? 4 : 200));
      const int b = static_cast<int>(t.buffers.size() - back);
      if (std::find(touched.begin(), touched.end(), b) != touched.end()) continue;
      touched.push_back(b);
      if (s < t.forward && below(6) == 0) t.rewrites.emplace_back(s, b);
    }
    if (below(8) != 0) {
      t.buffers.push_back({kPiece * (1 + below(4)), false, below(30) == 0});
      touched.push_back(static_cast<int>(t.buffers.size()) - 1);
    }
    t.touched.push_back(touched);
  }
  return t;
}

TEST(Recompute, TheWayBackFindsTheSame) {
  Random random(3);
  int again = 0;
  for (int i = 0; i < 2000; ++i) {
    const StepTrace t = random_trace(random);
    const std::size_t all = alive(t, {});
    for (const std::size_t share : {0U, 50U, 80U}) {
      const Recompute how = choose_recompute(t, all * share / 100);
      EXPECT_LE(how.most_alive, all);
      EXPECT_EQ(how.most_alive, alive(t, how));
      ASSERT_EQ(run(t, turns_of(t, how)), run(t, turns_of(t, {}))) << "trace " << i;
      if (!how.again.empty()) ++again;
    }
  }
  EXPECT_GT(again, 1000);
}

struct Trained {
  Graph graph;
  std::int64_t bytes = 0, again = 0;
  std::vector<double> losses;
};

Trained trained(const Graph& graph, const TrainCase& data, TrainOptions options, Bytes memory) {
  options.memory = memory;
  Trained out;
  auto plan = TrainPlan::compile(graph, data.rows, options);
  EXPECT_TRUE(plan.ok()) << plan.error().to_string();
  if (!plan.ok()) return out;
  for (int i = 0; i < 3; ++i) out.losses.push_back((*plan)->step(data.batch(), 1e-3));
  out.graph = (*plan)->export_graph();
  out.bytes = (*plan)->planned_bytes().count;
  out.again = (*plan)->steps_run_again();
  return out;
}

// Trains with less memory, as little as can be, and the same comes out; false: it cannot be less,
// its weights are most of it.
bool trains_the_same_in_less(const Graph& graph, const TrainCase& data, TrainOptions options) {
  const Trained plain = trained(graph, data, options, Bytes{0});
  EXPECT_EQ(plain.again, 0);
  for (const int percent : {60, 75, 90}) {
    options.memory = Bytes{plain.bytes * percent / 100};
    const auto plan = TrainPlan::compile(graph, data.rows, options);
    if (!plan.ok()) {
      EXPECT_EQ(plan.error().code(), ErrorCode::kLimitNotMet) << plan.error().to_string();
      continue;
    }
    const Trained less = trained(graph, data, options, options.memory);
    EXPECT_LE(less.bytes, options.memory.count);
    EXPECT_GT(less.again, 0);
    EXPECT_EQ(less.losses, plain.losses);
    EXPECT_EQ(largest_difference(less.graph, plain.graph), 0);
    return true;
  }
  return false;
}

// Bit for bit, whatever is run twice: dropout, statistics, in-place steps and pieces included.
TEST(Recompute, NetworksTrainTheSameInLessMemory) {
  int compared = 0;
  for (const char* name : {"mobilenetv2", "googlenet", "vit_tiny", "lstm", "text_cnn", "tcn"}) {
    SCOPED_TRACE(name);
    const ModelEntry* entry = find_model(name);
    ASSERT_NE(entry, nullptr);
    ModelOptions size;
    size.classes = 5;
    if (entry->name == "text_cnn") size.vocabulary = 50;
    if (entry->name == "vit_tiny") size.depth = 4;
    const auto graph = build_model(*entry, size);
    ASSERT_TRUE(graph.ok()) << graph.error().to_string();
    TrainCase data = random_case(*graph, 8, 5);
    if (graph->inputs.front().type == ElementType::kInt64) {
      for (float& token : data.features) token = std::floor(std::min(std::fabs(token) * 10, 49.0F));
    }
    if (trains_the_same_in_less(*graph, data, {})) ++compared;
  }
  EXPECT_GE(compared, 2);
}

TEST(Recompute, ShardsTrainTheSameAndNothingHoldsWithoutRoom) {
  CnnShape shape;
  shape.stages = {{16, 3}, {32, 3}, {32, 3}};
  shape.batch_norm = true;
  shape.dense_dropout = 0.25F;
  const Graph graph = make_cnn(1, 28, 28, 4, shape, 3).value();
  const TrainCase data = random_case(graph, 64, 4);
  TrainOptions options;
  int compared = 0;
  for (const int threads : {1, 2}) {
    options.threads = threads;
    if (trains_the_same_in_less(graph, data, options)) ++compared;
  }
  EXPECT_GE(compared, 1);
  options.memory = Bytes{10'000};
  const auto none = TrainPlan::compile(graph, 64, options);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code(), ErrorCode::kLimitNotMet);
  EXPECT_NE(none.error().message().find("10 KB"), std::string::npos) << none.error().message();
}

}  // namespace
}  // namespace tenbin::dnn

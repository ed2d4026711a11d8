// SPDX-License-Identifier: Apache-2.0
#include "engine/step_watch.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/session.h"
#include "graph/nets/nets.h"

namespace tenbin {
namespace {

struct Seen {
  std::vector<std::string> results;
  std::string kernel;
  StepKind kind;
};

class Recorder : public StepWatch {
 public:
  void begin() override {
    EXPECT_FALSE(open_) << "one step at a time";
    open_ = true;
  }
  void done(const StepInfo& step) override {
    EXPECT_TRUE(open_);
    open_ = false;
    steps.push_back(
        {{step.results.begin(), step.results.end()}, std::string(step.kernel), step.kind});
  }
  std::vector<Seen> steps;

 private:
  bool open_ = false;
};

Tensor ramp(Shape shape) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  float x = -1;
  for (float& v : out.data<float>()) v = x = x > 1 ? -1 : x + 0.013F;
  return out;
}

// What the steps of a run name, and whether the answer is that of a run nobody watches.
std::vector<Seen> watched(const Graph& graph, const Tensor& input, int threads) {
  Model model;
  model.graph = graph;
  auto session = Session::create(model, {threads});
  EXPECT_TRUE(session.ok());
  const std::vector<Tensor> inputs = {input};
  const auto alone = (*session)->run(inputs);
  Recorder recorder;
  const auto seen = (*session)->run(inputs, recorder);
  EXPECT_TRUE(alone.ok() && seen.ok());
  EXPECT_EQ(alone->front(), seen->front()) << "watching changes nothing";
  return recorder.steps;
}

TEST(StepWatch, NamesEveryNodeThatIsNotFoldedIntoItsReader) {
  const Graph graph = make_cnn(1, 28, 28, 10, cnn_28_normalised(), 1).value();
  std::set<std::string> named;
  for (const Seen& step : watched(graph, ramp({2, 1, 28, 28}), 1)) {
    EXPECT_FALSE(step.kernel.empty());
    EXPECT_NE(step.kind, StepKind::kPlain) << "the whole network is compiled";
    named.insert(step.results.begin(), step.results.end());
  }
  for (const OpCall& node : graph.nodes) {
    bool folded = false;  // a layer before a normalisation is done under the name of the latter
    for (const OpCall& reader : graph.nodes) {
      folded |= reader.op == "BatchNormalization" && reader.inputs[0] == node.outputs[0];
    }
    const bool gone = node.op == "Flatten" || node.op == "Dropout";  // no work at all
    if (gone) continue;
    EXPECT_NE(named.contains(node.outputs[0]), folded) << node.op << ' ' << node.name;
  }
}

TEST(StepWatch, TellsLargeBatchesTileByTileOnOneThread) {
  const Graph graph = make_mlp(20, {64, 64}, 2, 1).value();
  const auto one = watched(graph, ramp({64, 20}), 1);
  const auto tiles = watched(graph, ramp({64, 20}), 2);
  EXPECT_GT(one.size(), 0U);
  EXPECT_EQ(tiles.size() % one.size(), 0U);
  EXPECT_GT(tiles.size(), one.size());
}

TEST(StepWatch, TellsNodesOfThePlainPathByTheirOwnNames) {
  Graph graph;
  graph.inputs = {{"x", ElementType::kFloat32, {-1, 4}}};
  OpCall call;
  call.op = "Abs";
  call.inputs = {"x"};
  call.outputs = {"y"};
  graph.nodes = {call};
  graph.outputs = {{"y", ElementType::kFloat32, {-1, 4}}};
  const auto steps = watched(graph, ramp({3, 4}), 1);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].results, std::vector<std::string>{"y"});
  EXPECT_EQ(steps[0].kind, StepKind::kPlain);
}

}  // namespace
}  // namespace tenbin

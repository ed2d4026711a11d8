// SPDX-License-Identifier: Apache-2.0
#include "app/profile/node_rows.h"

#include <gtest/gtest.h>

#include "platform/clock.h"

namespace tenbin {
namespace {

OpCall call(const char* op, std::vector<std::string> inputs, const char* output) {
  OpCall out;
  out.op = op;
  out.name = std::string("n_") + output;
  out.inputs = std::move(inputs);
  out.outputs = {output};
  return out;
}

// x -> Transpose -> Gemm -> Relu -> Flatten, and Abs beside it.
Graph graph() {
  Graph g;
  g.inputs = {{"x", ElementType::kFloat32, {4, 2}}};
  g.initializers.emplace("w", Tensor(ElementType::kFloat32, {4, 3}));
  g.nodes = {call("Transpose", {"x"}, "t"), call("Gemm", {"t", "w"}, "g"), call("Relu", {"g"}, "r"),
             call("Abs", {"r"}, "a"), call("Flatten", {"r"}, "f")};
  g.outputs = {{"a", ElementType::kFloat32, {2, 3}}, {"f", ElementType::kFloat32, {2, 3}}};
  return g;
}

StepTimes::Slot slot(std::vector<std::string> results, StepKind kind, Duration time) {
  StepTimes::Slot out;
  out.results = std::move(results);
  out.kernel = kind == StepKind::kPlain ? "plain" : "jit";
  out.kind = kind;
  out.runs = {time, time, time};
  return out;
}

TEST(NodeRows, StepsAndWhatIsFoldedIntoThemBecomeRows) {
  std::string reason;
  const auto rows = node_rows(
      graph(),
      {slot({"g", "r"}, StepKind::kConversion, 2us), slot({"g", "r"}, StepKind::kCompiled, 5us),
       slot({"g", "r"}, StepKind::kCompiled, 1us), slot({"a"}, StepKind::kPlain, 3us)},
      reason);
  EXPECT_TRUE(reason.empty()) << reason;
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].ran, RanIn::kConversion);
  EXPECT_EQ(rows[0].name, "n_g") << "named after what it is made for";
  const NodeRow& dense = rows[1];
  EXPECT_EQ(dense.name, "n_g");
  EXPECT_EQ(dense.ops.front(), "Gemm");
  EXPECT_EQ(dense.ops.size(), 4U) << "the transpose goes to its reader, the flatten to its writer";
  EXPECT_EQ(dense.runs, (std::vector<Duration>{6us, 6us, 6us})) << "two slots of one step";
  EXPECT_EQ(dense.macs->count, 2 * 4 * 3);
  EXPECT_EQ(dense.parameters, 12);
  EXPECT_EQ(dense.weights.count, 12 * 4);
  EXPECT_EQ(dense.activations.count, 8 * 4 + 6 * 4 + 6 * 4) << "x in, r and f out";
  EXPECT_EQ(rows[2].ran, RanIn::kPlain);
  EXPECT_EQ(rows[2].from, std::vector<std::size_t>{1});
  EXPECT_EQ(rows[2].macs->count, 0);
}

TEST(NodeRows, NodesThatNoStepNamesStandByThemselves) {
  std::string reason;
  const auto rows = node_rows(graph(), {}, reason);
  ASSERT_FALSE(rows.empty());
  for (const NodeRow& row : rows) EXPECT_TRUE(row.runs.empty()) << "not run, so no time";
  const auto odd = node_rows(graph(), {slot({"inner"}, StepKind::kPlain, 1us)}, reason);
  EXPECT_EQ(odd.front().name, "inner") << "a step of a body that the graph does not show";
}

TEST(StepTimes, SumsAStepThatRunsSeveralTimesInARun) {
  ManualClock clock;
  StepTimes times(clock);
  const std::vector<std::string> results = {"y"};
  const StepInfo step{results, "own", StepKind::kCompiled};
  for (const int repeats : {2, 3}) {
    for (int i = 0; i < repeats; ++i) {
      times.begin();
      clock.advance(10us);
      times.done(step);
      clock.advance(1ms);  // between steps: nobody's
    }
    times.end_run();
  }
  ASSERT_EQ(times.slots().size(), 1U);
  EXPECT_EQ(times.slots()[0].runs, (std::vector<Duration>{20us, 30us}));
}

}  // namespace
}  // namespace tenbin

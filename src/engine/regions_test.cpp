// SPDX-License-Identifier: Apache-2.0
#include "engine/regions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/elementwise.h"
#include "engine/op.h"
#include "engine/recurrent_case.h"
#include "graph/builder.h"

namespace tenbin {
namespace {

Tensor filled(Shape shape, float value) {
  Tensor out(ElementType::kFloat32, std::move(shape));
  std::fill(out.data<float>().begin(), out.data<float>().end(), value);
  return out;
}

std::string dense(GraphBuilder& b, const std::string& src, std::int64_t in, std::int64_t out) {
  return b.node("MatMul", {src, b.constant("w", filled({in, out}, 0.5F))});
}

TEST(Regions, TakeSeveralValuesInAndOut) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 4});
  const auto mask = b.input("mask", ElementType::kFloat32, {-1, 3});
  const auto h = b.node("Mul", {dense(b, x, 4, 3), mask});
  b.output(b.node("Relu", {h}), "y");
  b.output(b.node("Sigmoid", {h}), "z");
  const Graph graph = std::move(b).build().value();
  auto regions = find_regions(graph);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].begin(), 0U);
  EXPECT_EQ(regions[0].end(), graph.nodes.size());
  EXPECT_EQ(regions[0].inputs(), (std::vector<std::string>{"x", "mask"}));
  EXPECT_EQ(regions[0].outputs(), (std::vector<std::string>{"y", "z"}));
  const Tensor rows = filled({300, 4}, 1), ones = filled({300, 3}, 1);  // more than one plan holds
  const std::vector<const Tensor*> in = {&rows, &ones};
  const auto out = regions[0].run(in, {}, nullptr).value();
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].shape(), (Shape{300, 3}));
  EXPECT_FLOAT_EQ(out[0].data<float>()[899], 2);
  EXPECT_NEAR(out[1].data<float>()[899], 0.880797F, 1e-5F);
}

TEST(Regions, RefuseInputsThatAreNotRowsOfOneBatch) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 4});
  b.output(b.node("Add", {dense(b, x, 4, 3), b.input("z", ElementType::kFloat32, {-1, 3})}), "y");
  auto regions = find_regions(std::move(b).build().value());
  ASSERT_EQ(regions.size(), 1U);
  const Tensor rows = filled({2, 4}, 1), one = filled({1, 3}, 1), two = filled({2, 3}, 1);
  const std::vector<const Tensor*> broadcast = {&rows, &one}, fits = {&rows, &two};
  EXPECT_TRUE(regions[0].run(broadcast, {}, nullptr).value().empty());
  EXPECT_EQ(regions[0].run(fits, {}, nullptr).value().size(), 1U) << "the next run is free again";
}

TEST(Regions, StopAtIntegers) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 4});
  const auto n = b.input("n", ElementType::kInt64, {-1, 3});
  const auto sum = b.node("Add", {n, n});
  const auto h = dense(b, x, 4, 3);
  b.output(b.node("Relu", {h}), "y");
  b.output(b.node("Mul", {sum, n}), "m");
  const Graph graph = std::move(b).build().value();
  const auto regions = find_regions(graph);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].inputs(), std::vector<std::string>{"x"});
  EXPECT_EQ(regions[0].outputs(), std::vector<std::string>{"y"});
}

// A model on grids: weights are put on theirs at its top, far from their layer.
Graph on_grids(bool ends_in_integers) {
  GraphBuilder b;
  const auto scale = b.constant("scale", Tensor::scalar(0.1F));
  const auto zero = b.constant("zero", Tensor::scalar(std::int8_t{0}));
  Tensor stored(ElementType::kInt8, {4, 3});
  const auto w = b.node("DequantizeLinear", {b.constant("w", stored), scale, zero});
  const auto x = b.input("x", ElementType::kFloat32, {-1, 4});
  const auto grid = [&](const std::string& value) {
    return b.node("DequantizeLinear",
                  {b.node("QuantizeLinear", {value, scale, zero}), scale, zero});
  };
  const auto h = b.node("MatMul", {grid(b.node("Erf", {x})), w});
  b.output(ends_in_integers ? b.node("QuantizeLinear", {h, scale, zero}) : grid(h), "y");
  return std::move(b).build().value();
}

TEST(Regions, BeginWithTheStepOntoAGridAndHoldItsWeights) {
  Graph graph = on_grids(false);
  sink_constant_calls(graph);
  const auto regions = find_regions(graph);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].inputs().size(), 1U);
  EXPECT_EQ(regions[0].outputs(), std::vector<std::string>{"y"});
  EXPECT_EQ(regions[0].end() - regions[0].begin(), graph.nodes.size() - 1) << "all but Erf";
}

TEST(Regions, EndInFloats) {
  Graph graph = on_grids(true);
  sink_constant_calls(graph);
  const auto regions = find_regions(graph);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(graph.nodes[regions[0].end() - 1].op, "MatMul");
}

TEST(Regions, SinkConstantCallsToTheirReaders) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 2});
  const auto constant = b.node("Neg", {b.constant("c", filled({2}, 1))});
  const auto unread = b.node("Abs", {b.constant("d", filled({2}, 1))});
  const auto h = b.node("Relu", {x});
  b.output(b.node("Add", {h, constant}), "y");
  b.output(unread, "z");
  Graph graph = std::move(b).build().value();
  sink_constant_calls(graph);
  std::vector<std::string> ops;
  for (const OpCall& node : graph.nodes) ops.push_back(node.op);
  EXPECT_EQ(ops, (std::vector<std::string>{"Relu", "Neg", "Add", "Abs"}));
  EXPECT_TRUE(check_and_sort(graph).ok());
}

// Recurrent layers take steps first and rows second: a plan of rows holds the turn before them.
TEST(Regions, HoldRecurrentLayersWithTheTurnBeforeThem) {
  constexpr std::int64_t kSteps = 5, kIn = 3, kUnits = 4;
  const struct {
    const char* op;
    const char* direction;
    std::int64_t gates, batch;
  } rows[] = {{"LSTM", "forward", 4, 1}, {"LSTM", "bidirectional", 4, 9}, {"LSTM", "reverse", 4, 3},
              {"GRU", "forward", 3, 1},  {"GRU", "bidirectional", 3, 9},  {"GRU", "reverse", 3, 3}};
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.op) + " " + row.direction);
    const std::int64_t directions = row.direction == std::string("bidirectional") ? 2 : 1;
    const Tensor x = probe_numbers({row.batch, kSteps, kIn}, 1);
    const Tensor w = probe_numbers({directions, row.gates * kUnits, kIn}, 2);
    const Tensor r = probe_numbers({directions, row.gates * kUnits, kUnits}, 3);
    const Tensor bias = probe_numbers({directions, 2 * row.gates * kUnits}, 4);
    const Tensor zero(ElementType::kFloat32, {directions, row.batch, kUnits});
    Attributes attributes = {{"hidden_size", kUnits}, {"direction", std::string(row.direction)}};
    if (row.gates == 3) attributes["linear_before_reset"] = std::int64_t{1};
    const Attributes turn = {{"perm", std::vector<std::int64_t>{1, 0, 2}}};

    GraphBuilder b;
    const auto in = b.input("x", ElementType::kFloat32, {-1, kSteps, kIn});
    const auto states =
        b.nodes(row.op,
                {b.node("Transpose", {in}, turn), b.constant("w", w), b.constant("r", r),
                 b.constant("b", bias), "", b.constant("h", zero)},
                2, attributes);
    const auto last = b.node("Transpose", {states[1]}, turn);  // [batch, directions, units]
    b.output(last, "y");
    auto regions = find_regions(std::move(b).build().value());
    ASSERT_EQ(regions.size(), 1U);
    EXPECT_EQ(regions[0].begin(), 0U);
    const std::vector<const Tensor*> given = {&x};
    const auto out = regions[0].run(given, {}, nullptr).value();
    ASSERT_EQ(out.size(), 1U);

    const OpCall call = op_call(row.op, 4, attributes, "", 2);
    Tensor turned(ElementType::kFloat32, {kSteps, row.batch, kIn});
    for (std::int64_t i = 0; i < x.count(); ++i) {
      const std::int64_t step = i / kIn % kSteps, line = i / (kIn * kSteps);
      turned.data<float>()[static_cast<std::size_t>((step * row.batch + line) * kIn + i % kIn)] =
          x.data<float>()[static_cast<std::size_t>(i)];
    }
    const std::vector<const Tensor*> operands = {&turned, &w, &r, &bias};
    const auto wanted = find_op("", row.op)->compute(call, operands, nullptr).value();
    for (std::int64_t i = 0; i < out[0].count(); ++i) {
      const std::int64_t unit = i % kUnits, d = i / kUnits % directions;
      const std::int64_t line = i / (kUnits * directions);
      EXPECT_NEAR(
          out[0].data<float>()[static_cast<std::size_t>(i)],
          wanted[1].data<float>()[static_cast<std::size_t>((d * row.batch + line) * kUnits + unit)],
          1e-5F)
          << i;
    }
  }
}

}  // namespace
}  // namespace tenbin

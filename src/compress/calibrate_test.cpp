// SPDX-License-Identifier: Apache-2.0
#include "compress/calibrate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graph/builder.h"

namespace tenbin {
namespace {

// y = relu(x * w), one feature.
Graph scaled(float w) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 1});
  const auto h = b.node("MatMul", {x, b.constant("w", Tensor::of<float>({1, 1}, {w}))});
  b.output(b.node("Relu", {h}), "y");
  return std::move(b).build().value();
}

Tensor counted_rows(std::int64_t n) {
  Tensor rows(ElementType::kFloat32, {n, 1});
  for (std::int64_t i = 0; i < n; ++i) {
    rows.data<float>()[static_cast<std::size_t>(i)] = static_cast<float>(i) - 10;
  }
  return rows;
}

TEST(Calibrate, SeesEveryRowOfInputsAndValuesBetween) {
  const Graph graph = scaled(-2);
  const std::string between = graph.nodes[0].outputs[0];
  for (const std::int64_t rows : {21, 37}) {  // neither fills the last batch
    const auto ranges = calibrate(graph, {"x", between, "y"}, counted_rows(rows)).value();
    const auto last = static_cast<float>(rows - 11);
    EXPECT_EQ(ranges.at("x").least, -10);
    EXPECT_EQ(ranges.at("x").most, last);
    EXPECT_EQ(ranges.at(between).least, -2 * last);
    EXPECT_EQ(ranges.at(between).most, 20);
    EXPECT_EQ(ranges.at("y").least, 0);
    EXPECT_EQ(ranges.at("y").most, 20);
  }
}

TEST(Calibrate, CutsTheTails) {
  const auto ranges = calibrate(scaled(1), {"x"}, counted_rows(1000), {0.9}).value();
  EXPECT_NEAR(ranges.at("x").least, 40, 2);
  EXPECT_NEAR(ranges.at("x").most, 939, 2);
}

TEST(Calibrate, RefusesWhatTellsNothing) {
  Tensor bad = counted_rows(20);
  bad.data<float>()[17] = std::nanf("");
  const struct {
    const char* why;
    Tensor rows;
    const char* found;
  } rows[] = {{"no row", Tensor(ElementType::kFloat32, {0, 1}), "at least one row"},
              {"integers", Tensor(ElementType::kInt64, {4, 1}), "floats"},
              {"not a number", bad, "not finite"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Graph graph = scaled(1);
    const auto ranges = calibrate(graph, {graph.nodes[0].outputs[0]}, row.rows);
    ASSERT_FALSE(ranges.ok());
    EXPECT_EQ(ranges.error().code(), ErrorCode::kBadValue);
    EXPECT_NE(ranges.error().to_string().find(row.found), std::string::npos)
        << ranges.error().to_string();
  }
}

}  // namespace
}  // namespace tenbin

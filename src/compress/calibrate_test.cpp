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

// Most between -1 and 1, a few far out.
Tensor rows_with_outliers() {
  Tensor rows(ElementType::kFloat32, {20000, 1});
  for (std::size_t i = 0; i < 20000; ++i) {
    const float phase = static_cast<float>(i) * 0.7131F;
    rows.data<float>()[i] = i % 4000 == 17 ? 50 : std::sin(phase) * std::cos(3 * phase);
  }
  return rows;
}

TEST(Calibrate, ChoosesRangesByEachMethod) {
  const struct {
    const char* why;
    CalibrationOptions options;
    Tensor rows;
    float least_from, least_to, most_from, most_to;
  } rows[] = {{"all that was seen", {}, rows_with_outliers(), -1, -0.85F, 50, 50},
              {"an equal share of both tails",
               {RangeMethod::kPercentile, 0.9},
               counted_rows(1000),
               38,
               42,
               937,
               941},
              {"few outliers are cut",
               {RangeMethod::kPercentile, 0.999},
               rows_with_outliers(),
               -1,
               -0.85F,
               0.85F,
               1},
              {"their error is dear",
               {RangeMethod::kSquaredError, 1},
               rows_with_outliers(),
               -1,
               -0.85F,
               5,
               50},
              {"they tell little of the distribution",
               {RangeMethod::kEntropy, 1},
               rows_with_outliers(),
               -1,
               -0.85F,
               0.85F,
               5}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto range = calibrate(scaled(1), {"x"}, row.rows, row.options).value().at("x");
    EXPECT_GE(range.least, row.least_from);
    EXPECT_LE(range.least, row.least_to);
    EXPECT_GE(range.most, row.most_from);
    EXPECT_LE(range.most, row.most_to);
  }
}

TEST(Calibrate, MethodsAreNamed) {
  CalibrationOptions options;
  auto fields = described(options);
  for (const char* name : {"percentile", "mse", "entropy", "minmax"}) {
    ASSERT_TRUE(set_option(fields, "method", name).ok());
    EXPECT_EQ(fields[0].get(), name);
  }
  const Status wrong = set_option(fields, "method", "median");
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().to_string().find("minmax, percentile, mse, entropy"), std::string::npos);
}

TEST(Calibrate, WatchesWhatOnlyASessionRuns) {
  GraphBuilder b;
  const auto x = b.input("x", ElementType::kFloat32, {-1, 1});
  b.output(b.node("Cos", {x}), "y");
  const auto ranges = calibrate(std::move(b).build().value(), {"x", "y"}, counted_rows(100));
  ASSERT_TRUE(ranges.ok()) << ranges.error().to_string();
  EXPECT_EQ(ranges->at("x").most, 89);
  EXPECT_NEAR(ranges->at("y").least, -1, 1e-3);
  EXPECT_EQ(ranges->at("y").most, 1);
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

// SPDX-License-Identifier: Apache-2.0
#include "app/report/graph_chart.h"

#include <gtest/gtest.h>

#include <cmath>

#include "app/report/profile_report.h"
#include "base/json.h"

namespace tenbin {
namespace {

GraphNode box(std::vector<std::size_t> from) {
  GraphNode out;
  out.title = "Conv";
  out.from = std::move(from);
  return out;
}

// Two paths that meet again, `blocks` times: a residual network.
std::vector<GraphNode> residual(std::size_t blocks) {
  std::vector<GraphNode> out = {box({})};
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t in = out.size() - 1;
    out.push_back(box({in}));
    out.push_back(box({in + 1}));
    out.push_back(box({in + 2, in}));
  }
  return out;
}

TEST(GraphChart, RowsFollowTheLongestPathAndBoxesDoNotTouch) {
  const auto nodes = residual(50);
  const GraphLayout layout = layered_layout(nodes);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::size_t from : nodes[i].from) EXPECT_LT(layout.layer[from], layout.layer[i]);
    EXPECT_GT(layout.x[i], 80);
    EXPECT_LT(layout.x[i], layout.width - 80);
    EXPECT_LT(layout.y[i], layout.height);
    for (std::size_t j = 0; j < i; ++j) {
      const bool apart =
          std::fabs(layout.x[i] - layout.x[j]) >= 168 || std::fabs(layout.y[i] - layout.y[j]) >= 38;
      EXPECT_TRUE(apart) << i << " and " << j << " overlap";
    }
  }
  EXPECT_EQ(layout.layer.back(), 150U);
}

TEST(GraphChart, WideRowsKeepTheirOrderWithoutOverlap) {
  std::vector<GraphNode> nodes = {box({})};
  for (int i = 0; i < 20; ++i) nodes.push_back(box({0}));
  std::vector<std::size_t> all;
  for (std::size_t i = 1; i <= 20; ++i) all.push_back(i);
  nodes.push_back(box(all));
  const GraphLayout layout = layered_layout(nodes);
  for (std::size_t i = 1; i <= 20; ++i) {
    for (std::size_t j = 1; j < i; ++j) EXPECT_GE(std::fabs(layout.x[i] - layout.x[j]), 168);
  }
  EXPECT_NEAR(layout.x[0], layout.x[21], 1) << "what hangs on the same boxes stands in one line";
}

TEST(GraphChart, SurvivesNothingCyclesAndHostileText) {
  EXPECT_TRUE(graph_chart("t", {}).empty());
  auto loop = residual(1);
  loop[1].from.push_back(3);
  loop[0].from.push_back(99);
  EXPECT_FALSE(graph_chart("t", loop).empty());
  loop[0].title = "</svg><script>alert(1)</script>";
  loop[0].tip = loop[0].title;
  EXPECT_EQ(graph_chart("t", loop).find("<script>"), std::string::npos);
}

TEST(ProfileReport, IsOnePageThatLoadsNothing) {
  Json node = Json::object({{"name", "</script><script>alert(1)"},
                            {"ops", Json(Json::Array{"Conv", "Relu"})},
                            {"kernels", Json(Json::Array{"jit:avx512_core"})},
                            {"ran", "compiled"},
                            {"macs", 1000},
                            {"parameters", 10},
                            {"bytes_moved", 4000},
                            {"seconds", 1e-5},
                            {"share", 0.9},
                            {"bound", "compute"},
                            {"reads", Json::array()}});
  Json batch = Json::object({{"batch", 1}, {"seconds_p50", 1.1e-5}});
  batch.set("nodes", Json(Json::Array{node}));
  Json profile = Json::object({{"schema", "tenbin.profile/1"}, {"verdict", "fast"}});
  profile.set("batches", Json(Json::Array{batch}));
  const std::string page = profile_html(profile);
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_EQ(page.find("://"), std::string::npos) << "no address";
  EXPECT_NE(page.find("Conv+Relu"), std::string::npos);
  EXPECT_NE(page.find("share of the time"), std::string::npos) << "the legend";
  EXPECT_NE(page.find("Nothing is worth one percent"), std::string::npos);
}

}  // namespace
}  // namespace tenbin

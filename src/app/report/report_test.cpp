// SPDX-License-Identifier: Apache-2.0
#include "app/report/report.h"

#include <gtest/gtest.h>

#include "app/report/svg.h"

namespace tenbin {
namespace {

Json document(const std::string& text, int epochs) {
  Json curve = Json::array();
  for (int i = 0; i < epochs; ++i) {
    curve.push(
        Json::object({{"epoch", i + 1}, {"train_loss", 1.0 / (i + 1)}, {"valid_score", 0.5}}));
  }
  Json power = Json::array();
  for (int i = 0; i < epochs; ++i) power.push(Json::object({{"t", i * 0.1}, {"watts", 3.0}}));
  Json fit =
      Json::object({{"schema", "tenbin.fit/1"}, {"outcome", text}, {"outcome_reason", text}});
  fit.set("training", Json::object({{"curve", std::move(curve)}}));
  fit.set("power", std::move(power));
  fit.set("data", Json::object({{"path", text}, {"target", text}}));
  fit.set("limits", Json(Json::Array{Json::object({{"name", text},
                                                   {"limit", "1 ms"},
                                                   {"reached", "2 ms"},
                                                   {"holds", false},
                                                   {"reason", text}})}));
  fit.set("confusion",
          Json::object(
              {{"classes", Json(Json::Array{text, "b"})},
               {"counts", Json(Json::Array{Json(Json::Array{3, 1}), Json(Json::Array{0, 4})})}}));
  return fit;
}

TEST(Report, HostileTextStaysText) {
  const std::string page = report_html(document("</script><script>alert(1)</script>'\"&", 3));
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;alert"), std::string::npos);
  const std::size_t end = page.find("</script>");
  EXPECT_EQ(page.find("</script>", end + 1), std::string::npos) << "the data ends no element early";
}

TEST(Report, StandsAloneAndStaysSmall) {
  const std::string page = report_html(document("x", 10'000));
  EXPECT_LT(page.size(), 2'000'000u) << "the document itself is embedded";
  EXPECT_EQ(page.find("http://"), std::string::npos);
  EXPECT_EQ(page.find("https://"), std::string::npos);
  EXPECT_EQ(page, report_html(document("x", 10'000))) << "the same run gives the same bytes";
  const Series line{"a", std::vector<Point>(10'000, Point{1, 2})};
  EXPECT_LT(line_chart({"t", "x", "y"}, {line}).size(), 40'000u) << "lines are thinned";
}

TEST(Report, UnknownIsNeverZero) {
  const std::string page = report_html(Json::object());
  EXPECT_NE(page.find("unknown"), std::string::npos);
  EXPECT_EQ(page.find("0 J"), std::string::npos);
}

}  // namespace
}  // namespace tenbin

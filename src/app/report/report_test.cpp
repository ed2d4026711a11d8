// SPDX-License-Identifier: Apache-2.0
#include "app/report/report.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "app/report/frame.h"
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
  EXPECT_LT(page.size(), 1'000'000u);
  EXPECT_EQ(page.find("http://"), std::string::npos);
  EXPECT_EQ(page.find("https://"), std::string::npos);
  EXPECT_EQ(page, report_html(document("x", 10'000))) << "the same run gives the same bytes";
  const Series line{"a", std::vector<Point>(10'000, Point{1, 2})};
  EXPECT_LT(line_chart({"t", "x", "y"}, {line}).size(), 40'000u) << "lines are thinned";
}

TEST(Report, ALongDocumentStaysBelowAMegabyte) {
  Json fit = document("x", 10'000);
  Json columns = Json::array();
  for (int i = 0; i < 16'384; ++i) {
    columns.push(Json::object({{"name", "column " + std::to_string(i)}, {"type", "number"}}));
  }
  fit.set("data", Json::object({{"profile", Json::object({{"columns", std::move(columns)}})}}));
  const std::string page = report_html(fit);
  EXPECT_LT(page.size(), 1'000'000u);
  EXPECT_NE(page.find("of 16,384 columns"), std::string::npos) << "says what it left out";
}

TEST(Report, WhatIsModelledIsHatchedAndSaysSo) {
  const auto page_of = [](const char* provenance) {
    Json fit = document("x", 20);
    fit.set("total", Json::object({{"joules", 6.0}, {"provenance", provenance}}));
    fit.set(
        "stages",
        Json(Json::Array{Json::object(
            {{"name", "train"}, {"begin", 0.0}, {"end", 2.0}, {"joules", 6.0}, {"share", 1.0}})}));
    return report_html(fit);
  };
  EXPECT_NE(page_of("modelled").find("class='hatched'"), std::string::npos);
  EXPECT_NE(page_of("modelled").find("power [W, modelled]"), std::string::npos);
  EXPECT_EQ(page_of("measured").find("class='hatched'"), std::string::npos);
}

TEST(Report, EveryFigureHasAltTextAndATable) {
  const std::string page = report_html(document("x", 5));
  std::size_t figures = 0, named = 0;
  for (std::size_t at = 0; (at = page.find("role='img'", at)) != page.npos; ++at) ++figures;
  for (std::size_t at = 0; (at = page.find("aria-label='", at)) != page.npos; ++at) ++named;
  EXPECT_GT(figures, 2u);
  EXPECT_GE(named, figures);
  std::size_t tables = 0;
  for (std::size_t at = 0; (at = page.find("The numbers as a table", at)) != page.npos; ++at) {
    ++tables;
  }
  EXPECT_EQ(tables, figures) << "each drawing has its numbers beside it";
}

// The files behind the links of a page, by name.
std::map<std::string, std::string> saved_files(const std::string& page) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::map<std::string, std::string> out;
  for (std::size_t at = 0; (at = page.find("<a download='", at)) != page.npos;) {
    at += 13;
    const std::string name = page.substr(at, page.find('\'', at) - at);
    at = page.find(";base64,", at) + 8;
    std::string& bytes = out[name];
    unsigned value = 0;
    int bits = 0;
    for (; page[at] != '\'' && page[at] != '='; ++at) {
      value = value << 6 | static_cast<unsigned>(digits.find(page[at]));
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      bytes += static_cast<char>(value >> bits & 255U);
    }
  }
  return out;
}

TEST(Report, EachFigureCanBeSavedFromThePageAlone) {
  const auto files = saved_files(report_html(document("x", 5)));
  const std::string& svg = files.at("learning-curves.svg");
  EXPECT_TRUE(svg.starts_with("<svg viewBox=")) << svg.substr(0, 80);
  EXPECT_NE(svg.find("xmlns='http://www.w3.org/2000/svg'"), std::string::npos);
  EXPECT_EQ(svg.find("var("), std::string::npos) << "colours stand for themselves";
  EXPECT_TRUE(svg.ends_with("</svg>"));
  const std::string& csv = files.at("learning-curves.csv");
  EXPECT_TRUE(csv.starts_with("epoch,training loss,")) << csv;
  EXPECT_NE(csv.find("\r\n2,0.5,"), std::string::npos) << csv;
  EXPECT_NE(files.at("confusion-matrix.csv").find("x,3,1\r\n"), std::string::npos);
}

TEST(Report, NetworksThatWereNotTrainedAreShownAsSuch) {
  Json fit = document("x", 5);
  Json one = Json::object({{"name", "cnn 32-64"},
                           {"learner", "cnn"},
                           {"macs", 4'000'000},
                           {"parameters", 400'000},
                           {"size_bytes", 1'600'000},
                           {"p50", 5e-5},
                           {"p99", 9e-5},
                           {"trained", true},
                           {"chosen", true},
                           {"valid_score", 0.9123}});
  Json two = Json::object({{"name", "cnn 8-16"},
                           {"learner", "cnn"},
                           {"macs", 300'000},
                           {"parameters", 30'000},
                           {"size_bytes", 120'000},
                           {"p50", 1e-5},
                           {"trained", false},
                           {"chosen", false}});
  fit.set("networks", Json(Json::Array{std::move(one), std::move(two)}));
  const std::string page = report_html(fit);
  EXPECT_NE(page.find("cnn 32-64, 0.9123"), std::string::npos);
  EXPECT_NE(page.find("cnn 8-16, not trained"), std::string::npos);
  const std::string csv = saved_files(page).at("networks-that-could-be-trained.csv");
  EXPECT_NE(csv.find("cnn 8-16,unknown: not trained,10 us,unknown,"), std::string::npos) << csv;
}

TEST(Report, ColumnsThatNoNetworkFillsAreLeftOutWithTheReason) {
  Json fit = document("x", 5);
  fit.set("networks", Json(Json::Array{Json::object({{"name", "mlp 64-32"},
                                                     {"learner", "mlp"},
                                                     {"macs", 2'400},
                                                     {"parameters", 2'500},
                                                     {"size_bytes", 10'000},
                                                     {"trained", true},
                                                     {"chosen", true},
                                                     {"valid_score", 0.9123}})}));
  const std::string page = report_html(fit);
  const std::size_t begin = page.find("<h3>Networks</h3>");
  ASSERT_NE(begin, std::string::npos);
  const std::string part = page.substr(begin, page.find("</table>", begin) - begin);
  EXPECT_NE(part.find("measured beforehand where one network is chosen"), std::string::npos);
  EXPECT_NE(part.find("0.9123"), std::string::npos) << part;
  for (const char* absent : {"unknown", "latency p50<", "an epoch<"}) {
    EXPECT_EQ(part.find(absent), std::string::npos) << absent << " in " << part;
  }
}

TEST(Report, AScoreThatIsNotKnownIsNotZero) {
  Json fit = document("x", 5);
  fit.set("candidates", Json(Json::Array{Json::object({{"name", "linear"}, {"joules", 3.0}})}));
  const std::string page = report_html(fit);
  EXPECT_EQ(page.find("0.0000"), std::string::npos);
}

TEST(Report, ManyResidualsStayBelowAMegabyte) {
  Json fit = document("x", 2'000);
  Json residuals = Json::array();
  for (int i = 0; i < 2'000; ++i) {
    residuals.push(Json::object({{"target", 1.0 / (i + 3)}, {"predicted", 1.0 / (i + 7)}}));
  }
  fit.set("confusion", Json());
  fit.set("residuals", std::move(residuals));
  const std::string page = report_html(fit);
  EXPECT_LT(page.size(), 1'000'000u);
  std::size_t dots = 0;
  for (std::size_t at = 0; (at = page.find("h0'/>", at)) != std::string::npos; ++at) ++dots;
  EXPECT_EQ(dots, 2u * 2'000u) << "each residual stands in both pictures";
}

TEST(Charts, TicksAreRound) {
  EXPECT_EQ(round_ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(round_ticks(3, 3, 5), (std::vector<double>{3})) << "no range";
  EXPECT_EQ(log_ticks(1, 100), (std::vector<double>{1, 2, 5, 10, 20, 50, 100}));
  EXPECT_EQ(tick_text(0.9995, 0.0005), "0.9995");
  EXPECT_EQ(tick_text(1, 0.0005), "1.0000");
  EXPECT_EQ(tick_text(20, 5), "20");
}

TEST(Charts, NothingToDrawIsNoChart) {
  EXPECT_EQ(line_chart({"t", "x", "y"}, {}), "");
  EXPECT_EQ(dot_chart({"t", "x", "y"}, {}), "");
  EXPECT_EQ(flow_chart("t", "s", {{"a", "", 0}}, false), "");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(dot_chart({"t", "x", "y"}, {{{nan, 1}, "a"}}), "");
}

TEST(Report, UnknownIsNeverZero) {
  const std::string page = report_html(Json::object());
  EXPECT_NE(page.find("unknown"), std::string::npos);
  EXPECT_EQ(page.find("0 J"), std::string::npos);
}

}  // namespace
}  // namespace tenbin

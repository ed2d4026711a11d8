// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "http/route_case.h"

namespace tenbin {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    EXPECT_NE(end, std::string::npos) << "the last line ends too";
    if (end == std::string::npos) break;
    out.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

double value_of(const std::string& text, const std::string& sample) {
  for (const std::string& line : lines_of(text)) {
    if (line.rfind(sample + " ", 0) == 0) return std::stod(line.substr(sample.size() + 1));
  }
  ADD_FAILURE() << "no " << sample;
  return -1;
}

TEST(RouteMetrics, CountsWhatWasAnswered) {
  RouteCase server;
  for (int i = 0; i < 3; ++i) server.ask("POST", "/v2/models/mlp/infer", RouteCase::request(2));
  server.ask("POST", "/v2/models/mlp/infer",
             R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})");
  const HttpResponse answer = server.ask("GET", "/metrics");
  EXPECT_EQ(RouteCase::header(answer, "content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const std::string of = R"({model="mlp",version="")";
  EXPECT_EQ(value_of(answer.body, "tenbin_requests_total" + of + R"(,code="ok"})"), 3);
  EXPECT_EQ(value_of(answer.body, "tenbin_requests_total" + of + R"(,code="error"})"), 1);
  EXPECT_EQ(value_of(answer.body, "tenbin_inferences_total" + of + "}"), 6);
  EXPECT_EQ(value_of(answer.body, "tenbin_batch_rows_bucket" + of + R"(,le="2.0"})"), 3);
  EXPECT_EQ(value_of(answer.body, "tenbin_batch_rows_bucket" + of + R"(,le="1.0"})"), 0);
  EXPECT_EQ(value_of(answer.body, "tenbin_request_duration_seconds_bucket" + of + R"(,le="+Inf"})"),
            value_of(answer.body, "tenbin_request_duration_seconds_count" + of + "}"));
  EXPECT_EQ(answer.body.find("nv_inference"), std::string::npos) << "off unless asked for";
}

// The rules of both formats: every family once, described before its samples, all of them together.
TEST(RouteMetrics, KeepsTheRulesOfItsFormats) {
  RouteCase server([](ServeOptions& options) { options.metrics_triton = true; });
  server.ask("POST", "/v2/models/mlp/infer", RouteCase::request(1));
  for (const bool open : {false, true}) {
    const HttpResponse answer = server.ask(
        "GET", "/metrics", "", {{"accept", open ? "application/openmetrics-text" : "text/plain"}});
    std::set<std::string> families;
    std::string family, type;
    for (const std::string& line : lines_of(answer.body)) {
      if (line == "# EOF") continue;
      if (line.rfind("# TYPE ", 0) == 0) {
        const std::size_t space = line.find(' ', 7);
        family = line.substr(7, space - 7);
        type = line.substr(space + 1);
        EXPECT_TRUE(families.insert(family).second) << family << " stands twice";
        continue;
      }
      if (line[0] == '#') continue;
      EXPECT_EQ(line.rfind(family, 0), 0u) << line << " is not of " << family;
      const std::string rest = line.substr(family.size(), line.find_first_of("{ ") - family.size());
      if (type == "histogram") {
        EXPECT_TRUE(rest == "_bucket" || rest == "_count" || rest == "_sum") << line;
      } else if (type == "counter" && open && family.rfind("nv_", 0) != 0) {
        EXPECT_EQ(rest, "_total") << line;
      } else {
        EXPECT_EQ(rest, "") << line;
      }
    }
    EXPECT_GT(families.size(), 25u);
    EXPECT_EQ(answer.body.ends_with("# EOF\n"), open);
    EXPECT_TRUE(families.contains("nv_inference_count"));
  }
}

TEST(RouteMetrics, AccountsOfEnergySumToTheTotal) {
  RouteCase server;
  ServingEnergy e;
  // The first interval of the meter gives the price of a CPU second, the next ones use it.
  for (int i = 0; i < 50'000 && e.requests.nanojoules == 0; ++i) {
    server.ask("POST", "/v2/models/mlp/infer", RouteCase::request(8));
    e = server.serving().energy();
  }
  EXPECT_GT(e.total.nanojoules, 0);
  EXPECT_GT(e.requests.nanojoules, 0);
  const double sum = in_joules(e.requests + e.padding + e.overhead + e.idle);
  EXPECT_NEAR(sum, in_joules(e.total), 0.01 * in_joules(e.total));
}

}  // namespace
}  // namespace tenbin

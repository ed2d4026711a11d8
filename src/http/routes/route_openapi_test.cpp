// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route.h"
#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteOpenapi, DescribesEveryPathOfTheCatalogue) {
  RouteCase server;
  const Json body = RouteCase::json(server.ask("GET", "/v2/openapi.json"));
  EXPECT_EQ(body["openapi"].as_string(), "3.1.0");
  std::size_t routes = 0;
  for (const RouteEntry* entry : route_catalogue()) {
    for (const std::string_view path : entry->paths) {
      std::string method(entry->method);
      for (char& c : method) c = static_cast<char>(c | 32);
      EXPECT_EQ(body["paths"][path][method]["summary"].as_string(), entry->doc) << path;
      ++routes;
    }
  }
  EXPECT_GT(routes, 20u);
  const Json& load = body["paths"]["/v2/repository/models/{model}/load"]["post"];
  EXPECT_EQ(load["parameters"].items().front()["name"].as_string(), "model");
  EXPECT_TRUE(load.contains("security")) << "it needs a token";
}

// Only these may be asked by everybody; a new one is a decision, made here.
TEST(RouteOpenapi, PublicRoutesAreAGoldenList) {
  std::vector<std::string_view> open;
  for (const RouteEntry* entry : route_catalogue()) {
    if (entry->policy.role() == Role::kPublic) open.push_back(entry->paths.front());
  }
  EXPECT_EQ(open, (std::vector<std::string_view>{"/v2/health/live", "/v2/health/ready"}));
}

// Every route, with every kind of token that is not valid: refused wherever one is needed.
TEST(RouteOpenapi, NoRouteForgetsToAskForAToken) {
  RouteCase server;
  const NewToken reader = make_token("reader", Role::kOpen);
  server.access().always = true;
  server.access().tokens = {reader.kept};
  const std::vector<std::vector<HttpRequest::Header>> bad = {
      {},
      {{"authorization", ""}},
      {{"authorization", "Bearer "}},
      {{"authorization", "Bearer nothing"}},
      {{"authorization", reader.token}},
      {{"authorization", "bearer " + reader.token}},
      {{"authorization", "Bearer " + reader.token + " "}},
      {{"authorization", "Bearer " + reader.token}, {"authorization", "Bearer nothing"}}};
  for (const RouteEntry* entry : route_catalogue()) {
    std::string path(entry->paths.front());
    if (const std::size_t brace = path.find("{model}"); brace != std::string::npos) {
      path.replace(brace, 7, "mlp");
    }
    const bool open = entry->policy.role() == Role::kPublic;
    for (const auto& headers : bad) {
      const int status = server.ask(std::string(entry->method), path, "", headers).status;
      EXPECT_EQ(status == 401, !open) << path << " answered " << status;
    }
    const int status = server
                           .ask(std::string(entry->method), path, "",
                                {{"authorization", "Bearer " + reader.token}})
                           .status;
    EXPECT_EQ(status == 403, entry->policy.role() == Role::kAdmin) << path << " " << status;
  }
}

TEST(RouteOpenapi, PagesOfOthersAreKeptOut) {
  RouteCase server;
  const auto status = [&](const char* name, const char* value) {
    return server.ask("GET", "/v2", "", {{name, value}}).status;
  };
  EXPECT_EQ(status("origin", "http://evil.example"), 403);
  EXPECT_EQ(status("origin", "null"), 403);
  EXPECT_EQ(status("origin", "http://localhost:8080"), 200) << "its own page";
  EXPECT_EQ(status("host", "evil.example:8080"), 403) << "DNS rebinding";
  EXPECT_EQ(status("host", "127.0.0.1:8080"), 200);
  EXPECT_EQ(status("host", "[::1]:8080"), 200);
  server.access().origins = {"https://app.example"};
  server.access().hosts = {"models.example"};
  EXPECT_EQ(status("origin", "https://app.example"), 200);
  EXPECT_EQ(status("host", "models.example"), 200);
}

TEST(RouteOpenapi, PagesOfNamedOriginsMayReadAnswers) {
  RouteCase server;
  const std::vector<HttpRequest::Header> page = {{"origin", "https://app.example"}};
  EXPECT_EQ(RouteCase::header(server.ask("GET", "/v2", "", page), "access-control-allow-origin"),
            "")
      << "off unless named";
  server.access().origins = {"https://app.example"};
  EXPECT_EQ(RouteCase::header(server.ask("GET", "/v2", "", page), "access-control-allow-origin"),
            "https://app.example");
  std::vector<HttpRequest::Header> asks = page;
  asks.emplace_back("access-control-request-method", "POST");
  const HttpResponse before = server.ask("OPTIONS", "/v2/models/mlp/infer", "", asks);
  EXPECT_EQ(before.status, 204);
  EXPECT_NE(RouteCase::header(before, "access-control-allow-headers").find("content-type"),
            std::string::npos);
  asks[0].second = "https://evil.example";
  EXPECT_EQ(server.ask("OPTIONS", "/v2/models/mlp/infer", "", asks).status, 403);
}

}  // namespace
}  // namespace tenbin

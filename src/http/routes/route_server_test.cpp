// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/route_case.h"

namespace tenbin {
namespace {

TEST(RouteServer, NamesItselfAndWhatItOffers) {
  RouteCase server;
  for (const char* path : {"/v2", "/v2/"}) {
    const Json body = RouteCase::json(server.ask("GET", path));
    EXPECT_EQ(body["name"].as_string(), "tenbin") << path;
    EXPECT_FALSE(body["version"].as_string().empty());
    EXPECT_EQ(body["extensions"].items().front().as_string(), "binary_tensor_data");
  }
  const auto loads = [](RouteCase& at) {
    const std::string text = RouteCase::json(at.ask("GET", "/v2"))["extensions"].dump();
    return text.find("model_repository") != std::string::npos;
  };
  EXPECT_FALSE(loads(server)) << "not offered unless allowed";
  RouteCase open([](ServeOptions& options) { options.allow_repository = true; });
  EXPECT_TRUE(loads(open));
}

}  // namespace
}  // namespace tenbin

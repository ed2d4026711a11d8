// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  exchange->answer(json_response(
      200, Json::object({{"name", "tenbin"},
                         {"version", TENBIN_VERSION},
                         {"extensions", Json::array_of(extensions_of(service.serving))}})));
}

}  // namespace

std::vector<std::string> extensions_of(const Serving& serving) {
  std::vector<std::string> out = {"binary_tensor_data", "statistics", "model_configuration",
                                  "schedule_policy", "parameters"};
  if (serving.options().allow_repository) out.emplace_back("model_repository");
  return out;
}

const RouteEntry& route_server() {
  static const RouteEntry entry{
      Role::kOpen, "GET", {"/v2"}, "Name, version and extensions.", handle};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  Json extensions = Json::array_of(std::vector<std::string>{
      "binary_tensor_data", "statistics", "model_configuration", "schedule_policy", "parameters"});
  if (service.serving.options().allow_repository) extensions.push("model_repository");
  exchange->answer(json_response(200, Json::object({{"name", "tenbin"},
                                                    {"version", TENBIN_VERSION},
                                                    {"extensions", std::move(extensions)}})));
}

}  // namespace

const RouteEntry& route_server() {
  static const RouteEntry entry{
      Role::kOpen, "GET", {"/v2"}, "Name, version and extensions.", handle};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& /*service*/, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  exchange->answer(json_response(200, Json::object({{"live", true}})));
}

}  // namespace

const RouteEntry& route_live() {
  static const RouteEntry entry{
      Role::kPublic, "GET", {"/v2/health/live"}, "Whether the server runs.", handle};
  return entry;
}

}  // namespace tenbin

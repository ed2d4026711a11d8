// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  const ModelServer& models = service.serving.models();
  const bool ready = models.all_ready() && !models.draining();
  exchange->answer(json_response(ready ? 200 : 503, Json::object({{"ready", ready}})));
}

}  // namespace

const RouteEntry& route_ready() {
  static const RouteEntry entry{
      Role::kPublic, "GET", {"/v2/health/ready"}, "Whether every model can answer.", handle};
  return entry;
}

}  // namespace tenbin

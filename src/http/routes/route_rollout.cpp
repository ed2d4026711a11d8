// SPDX-License-Identifier: Apache-2.0
#include "app/serve/rollout_json.h"
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& values) {
  const auto view = service.serving.models().rollout(values[0]);
  exchange->answer(view.ok() ? json_response(200, rollout_json(*view))
                             : error_response(view.error()));
}

}  // namespace

const RouteEntry& route_rollout() {
  static const RouteEntry entry{
      Role::kOpen,
      "GET",
      {"/api/v1/models/{model}/rollout"},
      "Which version answers, and how its canary and its shadow compare with it.",
      handle};
  return entry;
}

}  // namespace tenbin

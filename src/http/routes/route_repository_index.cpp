// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  bool ready_only = false;
  if (!exchange->request().body.empty()) {
    const auto body = Json::parse(exchange->request().body);
    if (!body.ok()) {
      return exchange->answer(error_response(
          Error(ErrorCode::kBadRequest, "the body is not valid JSON: " + body.error().message())));
    }
    ready_only = (*body)["ready"].as_bool();
  }
  Json out = Json::array();
  for (const ServedEntry& entry : service.serving.models().index()) {
    const std::string state(state_name(entry.state));
    if (ready_only && state != "READY") continue;
    Json line = Json::object({{"name", entry.model}});
    if (!entry.version.empty()) line.set("version", entry.version);
    line.set("state", state);
    line.set("reason", entry.reason);
    out.push(std::move(line));
  }
  exchange->answer(json_response(200, out));
}

}  // namespace

const RouteEntry& route_repository_index() {
  static const RouteEntry entry{Role::kOpen,
                                "POST",
                                {"/v2/repository/index"},
                                "Every model, its versions and their states.",
                                handle};
  return entry;
}

}  // namespace tenbin

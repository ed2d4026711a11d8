// SPDX-License-Identifier: Apache-2.0
#include "app/serve/rollout_json.h"
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"
#include "platform/net/event_loop.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& values) {
  const auto body = Json::parse(exchange->request().body);
  if (!body.ok()) {
    return exchange->answer(error_response(
        Error(ErrorCode::kBadRequest, "the body is not valid JSON: " + body.error().message())));
  }
  auto change = read_rollout_change(*body);
  if (!change.ok()) return exchange->answer(error_response(change.error()));
  ModelServer& models = service.serving.models();
  models.change_rollout(values[0], std::move(*change),
                        [exchange, &models, model = values[0]](const Status& status) {
                          auto view = models.rollout(model);
                          exchange->loop().post([exchange, status, view = std::move(view)] {
                            if (!status.ok())
                              return exchange->answer(error_response(status.error()));
                            exchange->answer(view.ok() ? json_response(200, rollout_json(*view))
                                                       : error_response(view.error()));
                          });
                        });
}

}  // namespace

const RouteEntry& route_rollout_change() {
  static const RouteEntry entry{Role::kAdmin,
                                "POST",
                                {"/api/v1/models/{model}/rollout"},
                                "Begin a canary or a shadow, promote it, or roll back.",
                                handle};
  return entry;
}

}  // namespace tenbin

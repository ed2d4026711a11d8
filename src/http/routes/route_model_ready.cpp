// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& values) {
  const std::string version = values.size() > 1 ? values[1] : std::string();
  const auto found = service.serving.models().find(values[0], version);
  const bool ready = found.ok() && !service.serving.models().draining();
  if (!found.ok() && found.error().code() == ErrorCode::kUnknownModel) {
    return exchange->answer(error_response(found.error()));
  }
  exchange->answer(
      json_response(ready ? 200 : 503, Json::object({{"name", values[0]}, {"ready", ready}})));
}

}  // namespace

const RouteEntry& route_model_ready() {
  static const RouteEntry entry{
      Role::kOpen,
      "GET",
      {"/v2/models/{model}/ready", "/v2/models/{model}/versions/{version}/ready"},
      "Whether a model can answer.",
      handle};
  return entry;
}

}  // namespace tenbin

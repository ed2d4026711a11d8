// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/manage_call.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& values) {
  manage_model(
      service, exchange,
      [&](std::function<void(Status)> done) {
        service.serving.models().unload(values[0], std::move(done));
      },
      managed_response);
}

}  // namespace

const RouteEntry& route_repository_unload() {
  static const RouteEntry entry{Role::kAdmin,
                                "POST",
                                {"/v2/repository/models/{model}/unload"},
                                "Take a model out of memory.",
                                handle};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/grpc_health.h"
#include "http/grpc/health.pb.h"
#include "http/route.h"
#include "http/service.h"
#include "platform/clock.h"
#include "platform/net/event_loop.h"

namespace tenbin {
namespace {

constexpr Duration kLook = 200ms;

// Tells the state when it changes, until the client leaves or the server stops.
void look(HttpService& service, const std::shared_ptr<Exchange>& exchange, const std::string& name,
          int told) {
  if (exchange->gone()) return;
  const int status = health_of(service.serving, name);
  if (status != told) {
    grpc::health::v1::HealthCheckResponse answer;
    answer.set_status(static_cast<grpc::health::v1::HealthCheckResponse::ServingStatus>(status));
    exchange->send(grpc_frame(answer));
  }
  if (service.serving.models().draining()) return exchange->finish(grpc_trailers(nullptr));
  exchange->loop().start_timer(
      service.clock.steady_now() + kLook,
      [&service, exchange, name, status] { look(service, exchange, name, status); });
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  with_message<grpc::health::v1::HealthCheckRequest>(exchange, [&](const auto& request) {
    exchange->begin(200, {{"content-type", "application/grpc"}});
    look(service, exchange, request.service(), -1);
  });
}

}  // namespace

const RouteEntry& method_health_watch() {
  static const RouteEntry entry{Role::kPublic,
                                "POST",
                                {"/grpc.health.v1.Health/Watch"},
                                "Tells whenever that changes.",
                                handle};
  return entry;
}

}  // namespace tenbin

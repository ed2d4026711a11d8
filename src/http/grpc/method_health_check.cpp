// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/grpc_health.h"
#include "http/grpc/health.pb.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  with_message<grpc::health::v1::HealthCheckRequest>(exchange, [&](const auto& request) {
    grpc::health::v1::HealthCheckResponse answer;
    const int status = health_of(service.serving, request.service());
    if (status == grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN) {
      return exchange->answer(grpc_failure(
          Error(ErrorCode::kUnknownModel, "no service or model '" + request.service() + "' here")));
    }
    answer.set_status(static_cast<grpc::health::v1::HealthCheckResponse::ServingStatus>(status));
    exchange->answer(grpc_answer(answer));
  });
}

}  // namespace

const RouteEntry& method_health_check() {
  static const RouteEntry entry{Role::kPublic,
                                "POST",
                                {"/grpc.health.v1.Health/Check"},
                                "Whether the server, or a model, can answer.",
                                handle};
  return entry;
}

}  // namespace tenbin

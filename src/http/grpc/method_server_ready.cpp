// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/inference.pb.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  with_message<inference::ServerReadyRequest>(exchange, [&](const auto&) {
    const ModelServer& models = service.serving.models();
    inference::ServerReadyResponse answer;
    answer.set_ready(models.all_ready() && !models.draining());
    exchange->answer(grpc_answer(answer));
  });
}

}  // namespace

const RouteEntry& method_server_ready() {
  static const RouteEntry entry{Role::kPublic,
                                "POST",
                                {"/inference.GRPCInferenceService/ServerReady"},
                                "Whether every model can answer.",
                                handle};
  return entry;
}

}  // namespace tenbin

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
  with_message<inference::ModelReadyRequest>(exchange, [&](const auto& request) {
    const ModelServer& models = service.serving.models();
    const auto found = models.find(request.name(), request.version());
    if (!found.ok() && found.error().code() == ErrorCode::kUnknownModel) {
      return exchange->answer(grpc_failure(found.error()));
    }
    inference::ModelReadyResponse answer;
    answer.set_ready(found.ok() && !models.draining());
    exchange->answer(grpc_answer(answer));
  });
}

}  // namespace

const RouteEntry& method_model_ready() {
  static const RouteEntry entry{Role::kOpen,
                                "POST",
                                {"/inference.GRPCInferenceService/ModelReady"},
                                "Whether a model can answer.",
                                handle};
  return entry;
}

}  // namespace tenbin

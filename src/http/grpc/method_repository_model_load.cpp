// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/inference.pb.h"
#include "http/manage_call.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  with_message<inference::RepositoryModelLoadRequest>(exchange, [&](const auto& request) {
    manage_model(
        service, exchange,
        [&](std::function<void(Status)> done) {
          service.serving.models().load(request.model_name(), std::move(done));
        },
        [](const Status& status) {
          return status.ok() ? grpc_answer(inference::RepositoryModelLoadResponse())
                             : grpc_failure(status.error());
        });
  });
}

}  // namespace

const RouteEntry& method_repository_model_load() {
  static const RouteEntry entry{Role::kAdmin,
                                "POST",
                                {"/inference.GRPCInferenceService/RepositoryModelLoad"},
                                "Load all versions of a model anew.",
                                handle};
  return entry;
}

}  // namespace tenbin

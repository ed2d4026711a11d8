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
  with_message<inference::RepositoryIndexRequest>(exchange, [&](const auto& request) {
    inference::RepositoryIndexResponse answer;
    for (const ServedEntry& entry : service.serving.models().index()) {
      const std::string state(state_name(entry.state));
      if (request.ready() && state != "READY") continue;
      auto& line = *answer.add_models();
      line.set_name(entry.model);
      line.set_version(entry.version);
      line.set_state(state);
      line.set_reason(entry.reason);
    }
    exchange->answer(grpc_answer(answer));
  });
}

}  // namespace

const RouteEntry& method_repository_index() {
  static const RouteEntry entry{Role::kOpen,
                                "POST",
                                {"/inference.GRPCInferenceService/RepositoryIndex"},
                                "Every model, its versions and their states.",
                                handle};
  return entry;
}

}  // namespace tenbin

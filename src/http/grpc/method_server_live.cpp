// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/inference.pb.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& /*service*/, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  with_message<inference::ServerLiveRequest>(exchange, [&](const auto&) {
    inference::ServerLiveResponse answer;
    answer.set_live(true);
    exchange->answer(grpc_answer(answer));
  });
}

}  // namespace

const RouteEntry& method_server_live() {
  static const RouteEntry entry{Role::kPublic,
                                "POST",
                                {"/inference.GRPCInferenceService/ServerLive"},
                                "Whether the server runs.",
                                handle};
  return entry;
}

}  // namespace tenbin

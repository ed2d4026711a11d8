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
  with_message<inference::ServerMetadataRequest>(exchange, [&](const auto&) {
    inference::ServerMetadataResponse answer;
    answer.set_name("tenbin");
    answer.set_version(TENBIN_VERSION);
    for (const std::string& name : extensions_of(service.serving)) answer.add_extensions(name);
    exchange->answer(grpc_answer(answer));
  });
}

}  // namespace

const RouteEntry& method_server_metadata() {
  static const RouteEntry entry{Role::kOpen,
                                "POST",
                                {"/inference.GRPCInferenceService/ServerMetadata"},
                                "Name, version and extensions.",
                                handle};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "http/grpc/grpc_call.h"
#include "http/grpc/grpc_reflection.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

void handle(HttpService& /*service*/, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  reflect(exchange, "grpc.reflection.v1alpha.ServerReflection");
}

}  // namespace

const RouteEntry& method_reflection_alpha() {
  static const RouteEntry entry{Role::kOpen,
                                "POST",
                                {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"},
                                "Which services and messages there are.",
                                handle,
                                true};
  return entry;
}

}  // namespace tenbin

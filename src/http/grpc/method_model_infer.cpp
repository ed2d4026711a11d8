// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/grpc_infer.h"
#include "http/grpc/inference.pb.h"
#include "http/infer_call.h"
#include "http/route.h"
#include "http/service.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  const Duration arrived = service.clock.steady_now();
  with_message<inference::ModelInferRequest>(exchange, [&](auto& message) {
    auto read = read_grpc_infer(message);
    if (!read.ok()) return exchange->answer(grpc_failure(read.error()));
    const auto deadline = grpc_deadline(exchange->request(), arrived);
    if (!deadline.ok()) return exchange->answer(grpc_failure(deadline.error()));
    exchange->request().body = std::string();
    read->request.arrived = arrived;
    read->request.deadline = *deadline;
    if (read->timeout != Duration::max()) {
      read->request.deadline = std::min(read->request.deadline, arrived + read->timeout);
    }
    submit_for(service, exchange, std::move(read->request),
               [wishes = std::move(read->wishes)](
                   const Result<InferAnswer>& answer) -> Result<HttpResponse> {
                 if (!answer.ok()) return grpc_failure(answer.error());
                 inference::ModelInferResponse response;
                 write_grpc_infer(*answer, wishes, response);
                 return grpc_answer(response);
               });
  });
}

}  // namespace

const RouteEntry& method_model_infer() {
  static const RouteEntry entry{Role::kOpen,
                                "POST",
                                {"/inference.GRPCInferenceService/ModelInfer"},
                                "Answers for the rows of the input tensors.",
                                handle};
  return entry;
}

}  // namespace tenbin

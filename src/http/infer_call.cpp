// SPDX-License-Identifier: Apache-2.0
#include "http/infer_call.h"

#include <thread>

#include "http/answers.h"
#include "platform/net/event_loop.h"
#include "serve/lane.h"

namespace tenbin {
namespace {

void answer_with(Exchange& exchange, const Result<InferAnswer>& result, const WriteAnswer& write) {
  if (exchange.gone()) return;
  if (!result.ok()) return exchange.answer(error_response(result.error()));
  auto response = write(*result);
  exchange.answer(response.ok() ? std::move(*response) : error_response(response.error()));
}

}  // namespace

void submit_for(HttpService& service, const std::shared_ptr<Exchange>& exchange,
                InferRequest request, WriteAnswer write) {
  request.client = service.client;
  request.cancelled = std::make_shared<CancelFlag>(false);
  exchange->when_gone([flag = request.cancelled] { flag->store(true); });
  request.done = [exchange, write = std::move(write),
                  home = std::this_thread::get_id()](Result<InferAnswer> result) {
    if (std::this_thread::get_id() == home) return answer_with(*exchange, result, write);
    // From the pool: back to the connection's thread.
    auto shared = std::make_shared<Result<InferAnswer>>(std::move(result));
    exchange->loop().post([exchange, shared, write] { answer_with(*exchange, *shared, write); });
  };
  service.lane.submit(std::move(request));
}

}  // namespace tenbin

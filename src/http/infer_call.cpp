// SPDX-License-Identifier: Apache-2.0
#include "http/infer_call.h"

#include <thread>

#include "http/answers.h"
#include "platform/net/event_loop.h"
#include "serve/lane.h"

namespace tenbin {

void submit_in_stream(HttpService& service, const std::shared_ptr<Exchange>& exchange,
                      InferRequest request, std::function<void(const Result<InferAnswer>&)> use) {
  request.client = service.client;
  if (request.cancelled == nullptr) request.cancelled = std::make_shared<CancelFlag>(false);
  request.done = [exchange, use = std::move(use),
                  home = std::this_thread::get_id()](Result<InferAnswer> result) {
    if (std::this_thread::get_id() == home) return use(result);
    // From the pool: back to the connection's thread.
    auto shared = std::make_shared<Result<InferAnswer>>(std::move(result));
    exchange->loop().post([shared, use] { use(*shared); });
  };
  service.lane.submit(std::move(request));
}

void submit_for(HttpService& service, const std::shared_ptr<Exchange>& exchange,
                InferRequest request, WriteAnswer write) {
  request.cancelled = std::make_shared<CancelFlag>(false);
  exchange->when_gone([flag = request.cancelled] { flag->store(true); });
  submit_in_stream(
      service, exchange, std::move(request),
      [exchange, write = std::move(write)](const Result<InferAnswer>& result) {
        if (exchange->gone()) return;
        auto response = write(result);
        exchange->answer(response.ok() ? std::move(*response) : error_response(response.error()));
      });
}

}  // namespace tenbin

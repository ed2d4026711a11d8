// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "http/exchange.h"
#include "http/service.h"
#include "serve/request.h"

namespace tenbin {

// Hands a request to the loop's lane, and answers the exchange with what `write` makes of the
// outcome, on the exchange's thread. When the client leaves, the request is cancelled. An error of
// `write` is answered as HTTP does.
using WriteAnswer = std::function<Result<HttpResponse>(const Result<InferAnswer>&)>;
void submit_for(HttpService& service, const std::shared_ptr<Exchange>& exchange,
                InferRequest request, WriteAnswer write);
// One of several requests of an exchange: `use` hears of its outcome, on the exchange's thread.
void submit_in_stream(HttpService& service, const std::shared_ptr<Exchange>& exchange,
                      InferRequest request, std::function<void(const Result<InferAnswer>&)> use);

}  // namespace tenbin

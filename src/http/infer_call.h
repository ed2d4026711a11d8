// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "http/exchange.h"
#include "http/service.h"
#include "serve/request.h"

namespace tenbin {

// Hands a request to the loop's lane, and answers the exchange with what `write` makes of the
// answer, on the exchange's thread. When the client leaves, the request is cancelled.
using WriteAnswer = std::function<Result<HttpResponse>(const InferAnswer&)>;
void submit_for(HttpService& service, const std::shared_ptr<Exchange>& exchange,
                InferRequest request, WriteAnswer write);

}  // namespace tenbin

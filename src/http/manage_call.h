// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "http/exchange.h"
#include "http/service.h"

namespace tenbin {

// Starts something that changes the models, if the server allows that over the network, and answers
// the exchange with what `write` makes of the outcome when it is done.
void manage_model(HttpService& service, const std::shared_ptr<Exchange>& exchange,
                  const std::function<void(std::function<void(Status)> done)>& begin,
                  std::function<HttpResponse(const Status&)> write);
// 200 with an empty object, or the error.
HttpResponse managed_response(const Status& status);

}  // namespace tenbin

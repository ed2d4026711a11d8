// SPDX-License-Identifier: Apache-2.0
#include "http/manage_call.h"

#include "app/serve/serving.h"
#include "http/answers.h"
#include "platform/net/event_loop.h"

namespace tenbin {

void manage_model(HttpService& service, const std::shared_ptr<Exchange>& exchange,
                  const std::function<void(std::function<void(Status)> done)>& begin,
                  std::function<HttpResponse(const Status&)> write) {
  if (!service.serving.options().allow_repository) {
    return exchange->answer(write(Error(ErrorCode::kForbidden,
                                        "models are not loaded and unloaded over the network here",
                                        "", "start the server with --allow-repository")));
  }
  begin([exchange, write = std::move(write)](const Status& status) {
    exchange->loop().post([exchange, write, status] { exchange->answer(write(status)); });
  });
}

HttpResponse managed_response(const Status& status) {
  return status.ok() ? json_response(200, Json::object()) : error_response(status.error());
}

}  // namespace tenbin

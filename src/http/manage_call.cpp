// SPDX-License-Identifier: Apache-2.0
#include "http/manage_call.h"

#include "app/serve/serving.h"
#include "http/answers.h"
#include "platform/net/event_loop.h"

namespace tenbin {

void manage_model(HttpService& service, const std::shared_ptr<Exchange>& exchange,
                  const std::function<void(std::function<void(Status)> done)>& begin) {
  if (!service.serving.options().allow_repository) {
    return exchange->answer(error_response(
        Error(ErrorCode::kForbidden, "models are not loaded and unloaded over the network here", "",
              "start the server with --allow-repository")));
  }
  begin([exchange](const Status& status) {
    exchange->loop().post([exchange, status] {
      exchange->answer(status.ok() ? json_response(200, Json::object())
                                   : error_response(status.error()));
    });
  });
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/json.h"
#include "http/exchange.h"

namespace tenbin {

HttpResponse json_response(int status, const Json& body);

// 400 bad request, 401 and 403 token, 404 model or route, 413 size, 429 throttled, 499 client gone,
// 500 internal, 501 not offered, 503 not ready or overloaded, 504 deadline.
int http_status(ErrorCode code);
// {"error": "..."} with the status; 429 and 503 say when to try again.
HttpResponse error_response(const Error& error);

}  // namespace tenbin

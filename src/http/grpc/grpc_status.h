// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "http/exchange.h"

namespace tenbin {

// Whether the request is a gRPC call: its content type says so.
bool is_grpc(const HttpRequest& request);

// INVALID_ARGUMENT 3, DEADLINE_EXCEEDED 4, NOT_FOUND 5, PERMISSION_DENIED 7, RESOURCE_EXHAUSTED 8,
// UNIMPLEMENTED 12, INTERNAL 13, UNAVAILABLE 14, UNAUTHENTICATED 16.
int grpc_status(ErrorCode code);
// What was found, with its place and hint, percent-encoded for grpc-message.
std::string grpc_message(const Error& error);
// A whole answer that says so, without a body (Trailers-Only).
HttpResponse grpc_failure(const Error& error);
// The trailers of an answer in pieces.
std::vector<HttpRequest::Header> grpc_trailers(const Error* error);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message_lite.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "http/exchange.h"

namespace tenbin {

// Reads the one message of a unary call. Errors kBadRequest: not exactly one, or not of its type.
Status read_call(const HttpRequest& request, google::protobuf::MessageLite& message);
// The same for a message without its frame, within our limits: depth, and values, which are counted
// before memory is taken for them.
Status parse_message(std::string_view bytes, google::protobuf::MessageLite& message);

std::string grpc_frame(const google::protobuf::MessageLite& message);
// The whole answer of a unary call.
HttpResponse grpc_answer(const google::protobuf::MessageLite& message);

// The deadline that grpc-timeout asks for; Duration::max(): none. Error kBadRequest.
Result<Duration> grpc_deadline(const HttpRequest& request, Duration arrived);

// Reads a unary call's message and hands it on, or answers with the error.
template <class Message, class F>
void with_message(const std::shared_ptr<Exchange>& exchange, F&& use);

}  // namespace tenbin

#include "http/grpc/grpc_status.h"

namespace tenbin {

template <class Message, class F>
void with_message(const std::shared_ptr<Exchange>& exchange, F&& use) {
  Message message;
  if (const Status read = read_call(exchange->request(), message); !read.ok()) {
    return exchange->answer(grpc_failure(read.error()));
  }
  use(message);
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message_lite.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "http/exchange.h"

namespace tenbin {

// Messages in their frames: a byte that says whether it is compressed, four of length, big-endian.
class GrpcFrames {
 public:
  // Errors: kNotOffered (compressed), kTooLarge, judged before any of the message is kept.
  Status add(std::string_view bytes);
  // The next whole message; nothing: more is to come.
  std::optional<std::string> next();
  // Nothing is left over.
  bool empty() const { return bytes_.empty(); }

 private:
  Status check_head() const;
  std::string bytes_;
};

// Reads the one message of a unary call. Errors kBadRequest: not exactly one, or not of its type.
Status read_call(const HttpRequest& request, google::protobuf::MessageLite& message);
// The same for a message without its frame, within our limits.
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

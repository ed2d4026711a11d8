// SPDX-License-Identifier: Apache-2.0
#include "http/grpc/grpc_call.h"

#include <google/protobuf/io/coded_stream.h>

#include <charconv>

#include "base/limits.h"

namespace tenbin {
namespace {

constexpr std::size_t kHead = 5;  // [B] before a message

std::size_t length_in(std::string_view head) {
  std::size_t length = 0;
  for (std::size_t i = 1; i < kHead; ++i) {
    length = length << 8 | static_cast<unsigned char>(head[i]);
  }
  return length;
}

}  // namespace

Status GrpcFrames::check_head() const {
  if (bytes_.empty()) return {};
  if (bytes_[0] == 1) {
    return Error(ErrorCode::kNotOffered, "compressed messages are not taken", "grpc-encoding",
                 "send them with the encoding identity");
  }
  if (bytes_[0] != 0) return Error(ErrorCode::kBadRequest, "a message begins with no gRPC frame");
  if (bytes_.size() >= kHead && length_in(bytes_) > static_cast<std::size_t>(limits::kBodyBytes)) {
    return Error(ErrorCode::kTooLarge, "the message has " + std::to_string(length_in(bytes_)) +
                                           " bytes, expected at most " +
                                           std::to_string(limits::kBodyBytes));
  }
  return {};
}

Status GrpcFrames::add(std::string_view bytes) {
  const std::size_t head = std::min(bytes.size(), kHead);
  if (bytes_.empty()) {
    bytes_.assign(bytes.substr(0, head));
    TENBIN_CHECK(check_head());
    bytes_.append(bytes.substr(head));
    return {};
  }
  bytes_.append(bytes);
  return check_head();
}

std::optional<std::string> GrpcFrames::next() {
  if (bytes_.size() < kHead) return std::nullopt;
  const std::size_t length = length_in(bytes_);
  if (bytes_.size() - kHead < length) return std::nullopt;
  std::string message = bytes_.substr(kHead, length);
  bytes_.erase(0, kHead + length);
  return message;
}

Status parse_message(std::string_view bytes, google::protobuf::MessageLite& message) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  in.SetRecursionLimit(limits::kProtobufDepth);
  if (message.ParseFromCodedStream(&in) && in.ConsumedEntireMessage()) return {};
  return Error(ErrorCode::kBadRequest, "the message is no valid " + message.GetTypeName());
}

Status read_call(const HttpRequest& request, google::protobuf::MessageLite& message) {
  const std::string_view body = request.body;
  if (body.size() < kHead) return Error(ErrorCode::kBadRequest, "the call has no message");
  if (body[0] == 1) {
    return Error(ErrorCode::kNotOffered, "compressed messages are not taken", "grpc-encoding",
                 "send them with the encoding identity");
  }
  if (body[0] != 0 || length_in(body) != body.size() - kHead) {
    return Error(ErrorCode::kBadRequest, "the call is not one message in one frame");
  }
  return parse_message(body.substr(kHead), message);
}

std::string grpc_frame(const google::protobuf::MessageLite& message) {
  const std::size_t size = message.ByteSizeLong();
  std::string out(kHead + size, '\0');
  for (std::size_t i = 0; i < 4; ++i) out[1 + i] = static_cast<char>(size >> (24 - 8 * i) & 255);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out.data()) + kHead);
  return out;
}

HttpResponse grpc_answer(const google::protobuf::MessageLite& message) {
  HttpResponse response;
  response.headers = {{"content-type", "application/grpc"}, {"grpc-accept-encoding", "identity"}};
  response.body = grpc_frame(message);
  response.trailers = grpc_trailers(nullptr);
  return response;
}

Result<Duration> grpc_deadline(const HttpRequest& request, Duration arrived) {
  const std::string_view text = request.header("grpc-timeout");
  if (text.empty()) return Duration::max();
  std::int64_t value = 0;
  const std::string_view digits = text.substr(0, text.size() - 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool number = error == std::errc() && end == digits.data() + digits.size() &&
                      digits.size() <= 8 && value >= 0;
  Duration unit{};
  switch (text.back()) {
    case 'H': unit = 1h; break;
    case 'M': unit = 1min; break;
    case 'S': unit = 1s; break;
    case 'm': unit = 1ms; break;
    case 'u': unit = 1us; break;
    case 'n': unit = 1ns; break;
    default: break;
  }
  if (!number || unit == Duration::zero()) {
    return Error(
        ErrorCode::kBadRequest,
        "found '" + std::string(text) + "', expected up to 8 digits and H, M, S, m, u or n",
        "grpc-timeout");
  }
  // 99,999,999 hours do not fit into nanoseconds.
  return arrived + std::min<std::int64_t>(value, Duration(24h) / unit) * unit;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "http/grpc/grpc_call.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>

#include <charconv>

#include "base/limits.h"
#include "http/grpc/grpc_frames.h"

namespace tenbin {
namespace {

using google::protobuf::io::CodedInputStream;

CodedInputStream stream_of(std::string_view bytes) {
  return CodedInputStream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                          static_cast<int>(bytes.size()));
}

// Adds the fields of a message, and those of its messages that a request holds in numbers: tensors
// and parameters (4, 5, 6), contents of tensors (5 in them). What is no message ends the count: the
// parser judges that. False: there are too many.
bool count_fields(std::string_view bytes, int depth, std::size_t& count) {
  CodedInputStream in = stream_of(bytes);
  for (std::uint32_t tag = in.ReadTag(); tag != 0; tag = in.ReadTag()) {
    if (++count > limits::kMessageValues) return false;
    std::uint64_t skipped = 0;
    std::uint32_t size = 0;
    switch (tag & 7u) {
      case 0: in.ReadVarint64(&skipped); break;
      case 1: in.Skip(8); break;
      case 5: in.Skip(4); break;
      case 2: {
        if (!in.ReadVarint32(&size)) return true;
        const auto at = static_cast<std::size_t>(in.CurrentPosition());
        if (size > bytes.size() - at) return true;
        const std::uint32_t field = tag >> 3u;
        const bool holds = (depth == 0 && field >= 4 && field <= 6) || (depth == 1 && field == 5);
        if (holds && !count_fields(bytes.substr(at, size), depth + 1, count)) return false;
        in.Skip(static_cast<int>(size));
        break;
      }
      default: return true;  // groups: none of ours has any
    }
  }
  return true;
}

}  // namespace

Status parse_message(std::string_view bytes, google::protobuf::MessageLite& message) {
  // The library writes a line for each text that is not UTF-8: whoever sends such would fill a
  // disk.
  [[maybe_unused]] static google::protobuf::LogHandler* const before =
      google::protobuf::SetLogHandler(nullptr);
  std::size_t values = 0;
  if (!count_fields(bytes, 0, values)) {
    return Error(ErrorCode::kTooLarge, "the message holds more than " +
                                           std::to_string(limits::kMessageValues) + " fields");
  }
  CodedInputStream in = stream_of(bytes);
  in.SetRecursionLimit(limits::kProtobufDepth);
  if (message.ParseFromCodedStream(&in) && in.ConsumedEntireMessage()) return {};
  return Error(ErrorCode::kBadRequest, "the message is no valid " + message.GetTypeName());
}

Status read_call(const HttpRequest& request, google::protobuf::MessageLite& message) {
  const std::string_view body = request.body;
  TENBIN_CHECK(check_grpc_head(body));
  if (body.size() < kGrpcHead) return Error(ErrorCode::kBadRequest, "the call has no message");
  if (grpc_length(body) != body.size() - kGrpcHead) {
    return Error(ErrorCode::kBadRequest, "the call is not one message in one frame");
  }
  return parse_message(body.substr(kGrpcHead), message);
}

std::string grpc_frame(const google::protobuf::MessageLite& message) {
  const std::size_t size = message.ByteSizeLong();
  std::string out(kGrpcHead + size, '\0');
  for (std::size_t i = 0; i < 4; ++i) out[1 + i] = static_cast<char>(size >> (24 - 8 * i) & 255);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out.data()) + kGrpcHead);
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

// SPDX-License-Identifier: Apache-2.0
#include "http/grpc/grpc_frames.h"

#include "base/limits.h"

namespace tenbin {

std::size_t grpc_length(std::string_view head) {
  std::size_t length = 0;
  for (std::size_t i = 1; i < kGrpcHead; ++i) {
    length = length << 8 | static_cast<unsigned char>(head[i]);
  }
  return length;
}

Status check_grpc_head(std::string_view head) {
  if (head.empty()) return {};
  if (head[0] == 1) {
    return Error(ErrorCode::kNotOffered, "compressed messages are not taken", "grpc-encoding",
                 "send them with the encoding identity");
  }
  if (head[0] != 0) return Error(ErrorCode::kBadRequest, "a message begins with no gRPC frame");
  if (head.size() >= kGrpcHead &&
      grpc_length(head) > static_cast<std::size_t>(limits::kBodyBytes)) {
    return Error(ErrorCode::kTooLarge, "the message has " + std::to_string(grpc_length(head)) +
                                           " bytes, expected at most " +
                                           std::to_string(limits::kBodyBytes));
  }
  return {};
}

Result<std::optional<std::string>> GrpcFrames::next() {
  TENBIN_CHECK(check_grpc_head(bytes_));
  if (bytes_.size() < kGrpcHead) return std::optional<std::string>();
  const std::size_t length = grpc_length(bytes_);
  if (bytes_.size() - kGrpcHead < length) return std::optional<std::string>();
  std::optional<std::string> message = bytes_.substr(kGrpcHead, length);
  bytes_.erase(0, kGrpcHead + length);
  return message;
}

}  // namespace tenbin

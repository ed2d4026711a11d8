// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tenbin {

// A message's frame: a byte that says whether it is compressed, four of length, big-endian.
inline constexpr std::size_t kGrpcHead = 5;  // [B]

// Judges as much of a frame's head as has come. Errors: kNotOffered (compressed), kTooLarge,
// kBadRequest.
Status check_grpc_head(std::string_view head);
// What a whole head says.
std::size_t grpc_length(std::string_view head);

// Messages in their frames, cut out of bytes as they come.
class GrpcFrames {
 public:
  void add(std::string_view bytes) { bytes_.append(bytes); }
  // The next whole message; nothing: more is to come. Errors as of check_grpc_head.
  Result<std::optional<std::string>> next();
  // [B] that belong to no whole message yet.
  std::size_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
};

}  // namespace tenbin

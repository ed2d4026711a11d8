// SPDX-License-Identifier: Apache-2.0
// The bytes of HTTP/2, made and read by hand: what a client would send, also one that lies. For
// tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenbin {

enum FrameType : char {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
  kContinuation = 9
};
inline constexpr char kEndStream = 1, kEndHeaders = 4, kAcknowledges = 1;

// Big-endian, four bytes.
inline std::string number(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> static_cast<unsigned>(shift) & 255u);
  }
  return out;
}

inline std::string http2_frame(FrameType type, char flags, std::uint32_t stream,
                               const std::string& payload = {}) {
  std::string out = number(static_cast<std::uint32_t>(payload.size())).substr(1);
  out += type;
  out += flags;
  return out + number(stream) + payload;
}

// The preface and empty settings.
inline std::string beginning() {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + http2_frame(kSettings, 0, 0);
}

// A literal field without indexing (RFC 7541, 6.2.2), names and values below 127 bytes.
inline std::string field(const std::string& name, const std::string& value) {
  std::string out(1, '\0');
  out += static_cast<char>(name.size());
  out += name;
  out += static_cast<char>(value.size());
  return out + value;
}

struct SeenFrame {
  int type = 0, flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
};

inline std::vector<SeenFrame> frames_in(std::string_view bytes) {
  const auto number_at = [&](std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8u | static_cast<unsigned char>(bytes[at + i]);
    }
    return value;
  };
  std::vector<SeenFrame> out;
  for (std::size_t at = 0; at + 9 <= bytes.size();) {
    const std::size_t length = number_at(at, 3);
    out.push_back({bytes[at + 3], bytes[at + 4], number_at(at + 5, 4),
                   std::string(bytes.substr(at + 9, length))});
    at += 9 + length;
  }
  return out;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "platform/net/socket.h"

namespace tenbin {

// Bytes both ways over a socket, plain or encrypted; never waits. Not thread-safe.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual int descriptor() const = 0;
  virtual IoResult read(std::span<std::byte> into) = 0;
  virtual IoResult write(std::string_view first, std::string_view second) = 0;
  // It must write before it can go on, though nothing was given to it (a handshake).
  virtual bool wants_write() const { return false; }
  // Bytes that were read from the socket wait inside: read again without asking the loop.
  virtual bool holds_input() const { return false; }
  virtual bool secure() const { return false; }
  // The protocol that both sides agreed on in the handshake: "h2"; empty: none.
  virtual std::string_view agreed_protocol() const { return {}; }
  // Why it failed, if more is known than that the connection is lost.
  virtual std::string failure() const { return {}; }
  virtual void finish_writing() = 0;
};

std::unique_ptr<ByteStream> plain_stream(Socket socket);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace tenbin {

// What came of reading or writing without waiting.
enum class IoOutcome : std::uint8_t {
  kDone,        // `bytes` were moved, at least one
  kWouldBlock,  // try again when the loop says so
  kEnd,         // the other side sends no more
  kFailed,      // the connection is lost
};
struct IoResult {
  IoOutcome outcome = IoOutcome::kFailed;
  std::size_t bytes = 0;
};

// A TCP socket that never blocks, closed with the object. Not thread-safe. Every call that was
// interrupted goes on.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  bool open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  IoResult read(std::span<std::byte> into);
  // Two pieces in one call: a head and a body. Either may be empty.
  IoResult write(std::string_view first, std::string_view second = {});
  // No more will be sent; the other side sees the end.
  void finish_writing();
  // Closing sends a reset instead of an orderly end.
  void reset_on_close();
  void close();

 private:
  int descriptor_ = -1;
};

// "127.0.0.1", "::1", "0.0.0.0", or a name that the system resolves; with a port.
struct NetAddress {
  std::string host;
  int port = 0;
};
std::string to_text(const NetAddress& address);  // "127.0.0.1:8080", "[::1]:8080"
// Whether only this machine can reach it: 127.0.0.0/8, ::1, "localhost".
bool is_loopback(std::string_view host);

struct ListenOptions {
  bool shared = false;  // several sockets of this process listen at one address (SO_REUSEPORT)
  int backlog = 1024;
};

// Error kNetwork: the address is in use (with a hint), is not of this machine, or may not be used.
Result<Socket> listen_at(const NetAddress& address, const ListenOptions& options = {});
// Where it listens: the port that the kernel chose.
Result<NetAddress> address_of(const Socket& listener);

struct Accepted {
  Socket socket;
  std::string peer;  // "192.0.2.7"
};
// The next waiting connection; nothing: none waits. Error kNetwork: no descriptors are left; the
// connection stays in the backlog.
Result<std::optional<Accepted>> accept_from(const Socket& listener);

// A connection on its way: writable once it is there, then connected() tells whether it is. Error
// kNetwork: the name is not known, or the kernel has no descriptor.
Result<Socket> connect_to(const NetAddress& address);
Status connected(const Socket& socket, const NetAddress& address);
// The same place in numbers, at which something answers now: connecting again needs no name.
Result<NetAddress> peer_of(const Socket& socket);

}  // namespace tenbin

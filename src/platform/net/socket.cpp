// SPDX-License-Identifier: Apache-2.0
#include "platform/net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace tenbin {
namespace {

struct FreeList {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, FreeList>;

Error failure(const std::string& what, const NetAddress& address, std::string hint = {}) {
  return Error(ErrorCode::kNetwork, what + ": " + std::strerror(errno), to_text(address),
               std::move(hint));
}

Result<AddressList> resolve(const NetAddress& address, bool passive) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
  addrinfo* list = nullptr;
  const std::string port = std::to_string(address.port);
  const int code = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &list);
  if (code != 0) {
    return Error(ErrorCode::kNetwork,
                 "host '" + address.host + "' is not known: " + ::gai_strerror(code),
                 to_text(address), "expected an address of this network, like 127.0.0.1");
  }
  return AddressList(list);
}

void set_option(int descriptor, int level, int name, int value) {
  ::setsockopt(descriptor, level, name, &value, sizeof value);
}

IoResult outcome_of(ssize_t moved) {
  if (moved > 0) return {IoOutcome::kDone, static_cast<std::size_t>(moved)};
  if (moved == 0) return {IoOutcome::kEnd, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoOutcome::kWouldBlock, 0};
  return {IoOutcome::kFailed, 0};
}

std::string host_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  return text.data();
}

NetAddress address_in(const sockaddr_storage& address) {
  const bool four = address.ss_family == AF_INET;
  return {host_of(address), ntohs(four ? reinterpret_cast<const sockaddr_in&>(address).sin_port
                                       : reinterpret_cast<const sockaddr_in6&>(address).sin6_port)};
}

Result<Socket> listening_socket(const addrinfo& where, const NetAddress& address,
                                const ListenOptions& options) {
  Socket socket(
      ::socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, where.ai_protocol));
  if (!socket.open()) return failure("no socket", address);
  set_option(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (options.shared) set_option(socket.descriptor(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (::bind(socket.descriptor(), where.ai_addr, where.ai_addrlen) != 0) {
    return failure("cannot listen", address,
                   errno == EADDRINUSE
                       ? "another program listens there: stop it, or pass --port 0 for a free one"
                       : "expected an address of this machine and a port that it may use");
  }
  if (::listen(socket.descriptor(), options.backlog) != 0) {
    return failure("cannot listen", address, "pass --port 0 for a free port");
  }
  return socket;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

Socket::~Socket() { close(); }

void Socket::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

IoResult Socket::read(std::span<std::byte> into) {
  ssize_t got = 0;
  do {
    got = ::recv(descriptor_, into.data(), into.size(), 0);
  } while (got < 0 && errno == EINTR);
  return outcome_of(got);
}

IoResult Socket::write(std::string_view first, std::string_view second) {
  std::array<iovec, 2> pieces{};
  pieces[0] = {const_cast<char*>(first.data()), first.size()};
  pieces[1] = {const_cast<char*>(second.data()), second.size()};
  msghdr message{};
  message.msg_iov = first.empty() ? &pieces[1] : pieces.data();
  message.msg_iovlen = first.empty() || second.empty() ? 1 : 2;
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return outcome_of(sent);
}

void Socket::finish_writing() { ::shutdown(descriptor_, SHUT_WR); }

void Socket::reset_on_close() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

std::string to_text(const NetAddress& address) {
  const bool six = address.host.find(':') != std::string::npos;
  return (six ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  in_addr v4{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1 &&
         (ntohl(v4.s_addr) >> 24) == 127;
}

Result<Socket> listen_at(const NetAddress& address, const ListenOptions& options) {
  TENBIN_TRY(const AddressList list, resolve(address, true));
  return listening_socket(*list, address, options);
}

Result<NetAddress> address_of(const Socket& listener) {
  sockaddr_storage found{};
  socklen_t size = sizeof found;
  if (::getsockname(listener.descriptor(), reinterpret_cast<sockaddr*>(&found), &size) != 0) {
    return failure("the address of a socket is not known", {});
  }
  return address_in(found);
}

Result<NetAddress> peer_of(const Socket& socket) {
  sockaddr_storage found{};
  socklen_t size = sizeof found;
  if (::getpeername(socket.descriptor(), reinterpret_cast<sockaddr*>(&found), &size) != 0) {
    return failure("the address of the other side is not known", {});
  }
  return address_in(found);
}

Result<std::optional<Accepted>> accept_from(const Socket& listener) {
  sockaddr_storage peer{};
  for (;;) {
    socklen_t size = sizeof peer;
    const int got = ::accept4(listener.descriptor(), reinterpret_cast<sockaddr*>(&peer), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (got >= 0) {
      set_option(got, IPPROTO_TCP, TCP_NODELAY, 1);
      return std::optional(Accepted{Socket(got), host_of(peer)});
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<Accepted>();
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
    return Error(ErrorCode::kNetwork, std::string("accepting failed: ") + std::strerror(errno),
                 "listener", "raise the limit of open files (ulimit -n)");
  }
}

Result<Socket> connect_to(const NetAddress& address) {
  TENBIN_TRY(const AddressList list, resolve(address, false));
  // A name may stand for several addresses ("localhost": ::1 and 127.0.0.1); on this machine a
  // refusal is known at once.
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    Socket socket(
        ::socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol));
    if (!socket.open()) continue;
    set_option(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, 1);
    const bool begun = ::connect(socket.descriptor(), at->ai_addr, at->ai_addrlen) == 0;
    if (begun || errno == EINPROGRESS) return socket;
  }
  return failure("cannot connect", address, "is the server running there?");
}

Status connected(const Socket& socket, const NetAddress& address) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return {};
  errno = error;
  return failure("cannot connect", address, "is the server running there?");
}

}  // namespace tenbin

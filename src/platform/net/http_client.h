// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "platform/net/byte_stream.h"
#include "platform/net/event_loop.h"
#include "platform/net/socket.h"

namespace tenbin {

class TlsTrust;

// Where requests are sent: plainly, or, where `trust` is set, over TLS to the server of `name`.
struct ServerAddress : NetAddress {
  ServerAddress() = default;
  ServerAddress(NetAddress address) : NetAddress(std::move(address)) {}  // NOLINT: it is one
  std::string name;
  std::shared_ptr<TlsTrust> trust;
};

// Reads responses of HTTP/1.1 from bytes as they come. Takes what servers send: a length, chunks,
// or a body until the end.
class ResponseReader {
 public:
  // Takes bytes up to the end of the response; returns how many.
  std::size_t take(std::string_view bytes);
  // The other side sends no more: a body without a length is whole.
  void end();
  bool done() const { return state_ == State::kDone; }
  bool failed() const { return state_ == State::kFailed; }
  int status() const { return status_; }
  bool keep_alive() const { return keep_alive_; }
  // Kept only if `keep_body` was set; else empty.
  const std::string& body() const { return body_; }
  // For the next response.
  void clear();
  bool keep_body = true;

 private:
  enum class State {
    kHead,
    kLength,
    kChunkSize,
    kChunk,
    kChunkEnd,
    kTrailer,
    kUntilEnd,
    kDone,
    kFailed
  };
  void take_head();
  std::size_t take_line(std::string_view bytes);
  void line_taken();

  State state_ = State::kHead;
  std::string line_, head_, body_;
  int status_ = 0;
  bool keep_alive_ = true;
  std::uint64_t left_ = 0;
};

// A connection that sends one prepared request after another. Belongs to its loop's thread.
class HttpClient : private ReadinessHandler {
 public:
  // What came: a status, or 0 if the connection failed before the response was whole.
  using Done = std::function<void(int status, std::string_view body)>;
  HttpClient(EventLoop& loop, ServerAddress address);
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;

  // Sends the request (all its bytes; borrowed until `done`), connecting first if need be. One at a
  // time. `done` may send the next.
  void send(std::string_view request, Done done);
  bool busy() const { return done_ != nullptr; }
  // Where it connects to: in numbers, without a name, once it has been connected.
  const NetAddress& address() const { return address_; }
  // Why the last connection failed, if TLS says.
  const std::string& failure() const { return failure_; }
  bool keep_body = true;

 private:
  void ready(Readiness readiness) override;
  void write_more();
  void read_more();
  void finish(int status);
  void connected_now();
  int descriptor() const { return stream_ ? stream_->descriptor() : socket_.descriptor(); }
  void drop();
  void watch(bool write);

  EventLoop& loop_;
  ServerAddress address_;
  Socket socket_;                       // while it connects
  std::unique_ptr<ByteStream> stream_;  // then
  std::string failure_;
  bool reused_ = false, watched_write_ = false;
  std::string_view unsent_, request_;
  ResponseReader reader_;
  Done done_;
};

// One request and its whole answer; blocks. Errors kNetwork: no connection, no answer in `time`.
struct HttpAnswer {
  int status = 0;
  std::string body;
  NetAddress peer;  // who answered, in numbers
};
Result<HttpAnswer> ask_http(const ServerAddress& address, const std::string& request,
                            Duration time);

// The bytes of a request. `headers` are lines "Name: value\r\n".
std::string http_request(std::string_view method, std::string_view path, const NetAddress& address,
                         std::string_view headers, std::string_view body);

}  // namespace tenbin

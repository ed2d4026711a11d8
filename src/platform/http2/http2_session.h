// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace tenbin {

using Http2Fields = std::vector<std::pair<std::string, std::string>>;

// Told by a session, inside take(). Streams are numbered by the client.
class Http2Events {
 public:
  virtual ~Http2Events() = default;
  // A request's headers, pseudo-headers (":path") first. `last`: it has no body. False: refuse it.
  virtual bool headers(std::int32_t stream, Http2Fields fields, bool last) = 0;
  // A piece of its body. False: no more of it is taken, the stream is reset.
  virtual bool data(std::int32_t stream, std::string_view piece) = 0;
  virtual void last(std::int32_t stream) = 0;
  // The stream has ended; `reset`: by the client or an error, before its answer was sent whole.
  virtual void closed(std::int32_t stream, bool reset) = 0;
};

// The server's side of an HTTP/2 connection (RFC 9113, by libnghttp2): bytes in, events, bytes out.
// Knows no socket. What a client could do to keep us busy is counted, and too much of it ends the
// connection with ENHANCE_YOUR_CALM; pings and window updates are what answers earn, since clients
// of gRPC measure the line by them. An answer that ends before its request does ends the stream
// (RST_STREAM, NO_ERROR). Not thread-safe.
class Http2Session {
 public:
  // `events` is borrowed.
  static Result<std::unique_ptr<Http2Session>> create(Http2Events& events);
  virtual ~Http2Session() = default;

  // Bytes as they came, and the steady instant. False: the connection is broken; send what
  // next_output() still gives, then close.
  virtual bool take(std::string_view bytes, Duration now) = 0;
  // What is to be sent now; empty: nothing. Valid until the next call of anything.
  virtual std::string_view next_output() = 0;
  // Nothing more will come in or go out.
  virtual bool finished() const = 0;

  // An answer's headers (":status" first). `last`: it has no body and no trailers.
  virtual void respond(std::int32_t stream, const Http2Fields& fields, bool last) = 0;
  virtual void send(std::int32_t stream, std::string piece) = 0;
  // The end of an answer, with trailers if there are any.
  virtual void finish(std::int32_t stream, const Http2Fields& trailers) = 0;
  // Ends a stream that wants more than it may have (ENHANCE_YOUR_CALM).
  virtual void reset(std::int32_t stream) = 0;
  // No more of a request's body is taken for now than its window (64 KiB). Answers that the client
  // does not read hold it too.
  virtual void hold(std::int32_t stream, bool held) = 0;
  // Asks the other side whether it is still there: its answer comes by take().
  virtual void ping() = 0;
  // No new streams are taken (GOAWAY); those that are open end.
  virtual void go_away() = 0;
  virtual std::size_t open_streams() const = 0;
  // [B] given to send() that have not left: the client's windows are closed.
  virtual std::size_t unsent() const = 0;
};

}  // namespace tenbin

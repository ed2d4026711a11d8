// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenbin {

class EventLoop;
struct RouteEntry;

enum class HttpVersion { kHttp1, kHttp2 };

// A request as it came, whatever the version of HTTP. Header names are in lower case; the
// pseudo-headers of HTTP/2 are the members here.
struct HttpRequest {
  using Header = std::pair<std::string, std::string>;
  HttpVersion version = HttpVersion::kHttp1;
  std::string method;  // "POST"
  std::string path;    // "/v2/models/m/infer": decoded once, no query
  std::string query;   // "a=1&b=2", as it came
  std::vector<Header> headers;
  std::string body;
  std::string peer;     // address of the client: "127.0.0.1"
  bool secure = false;  // came over TLS

  // Value of the first header of this lower-case name; empty: there is none.
  std::string_view header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::vector<HttpRequest::Header> headers;  // lengths and the connection's own are not among them
  std::string body;
  std::vector<HttpRequest::Header> trailers;  // HTTP/2 alone

  std::string_view header(std::string_view name) const;  // as of a request
};

// What the head of a request decides before its body has come.
enum class HeadVerdict {
  kReadBody,    // its route wants the body whole
  kTakePieces,  // its route is to be called now, and takes the body in pieces
  kAnswered,    // its sender may not do this, or there is no such route: it has been told
};

// What the router found in the head of a request.
struct RouteMatch {
  const RouteEntry* route = nullptr;
  std::vector<std::string> values;  // of the parts of the path in braces
  std::string who;                  // asks: a token's name or an address
};

// One request on its way to its answer. Belongs to the thread of `loop()`; who answers from another
// one posts there. Shared by the connection that it came on and by who will answer it.
class Exchange {
 public:
  virtual ~Exchange() = default;
  const HttpRequest& request() const { return request_; }
  HttpRequest& request() { return request_; }
  virtual EventLoop& loop() = 0;

  // The whole answer, once. Nothing happens when the client is gone.
  virtual void answer(HttpResponse response) = 0;

  // Headers that every answer of this exchange has, beside its own.
  std::vector<HttpRequest::Header> more_headers;

  // Nothing until the head was judged: that is done once, though the body may come later.
  std::optional<RouteMatch> match;

  // The client left, or its stream was reset: nobody will read an answer.
  bool gone() const { return gone_; }
  // Called once, when that happens before the answer.
  void when_gone(std::function<void()> call) { when_gone_ = std::move(call); }

  // ---- answers in pieces; HTTP/1 has them chunked ----
  virtual void begin(int status, std::vector<HttpRequest::Header> headers) = 0;
  virtual void send(std::string piece) = 0;
  virtual void finish(std::vector<HttpRequest::Header> trailers) = 0;
  // For routes that take their body in pieces: called with each as it comes, and with an empty one
  // and `last` at the end. HTTP/2 alone.
  std::function<void(std::string piece, bool last)> take_piece;
  // [B] of them that the route keeps: part of what a connection may hold.
  std::int64_t kept = 0;
  // No more pieces than are under way are wanted for now.
  virtual void hold_input(bool /*held*/) {}

 protected:
  void leave() {
    if (gone_) return;
    gone_ = true;
    if (auto call = std::move(when_gone_)) call();
  }
  HttpRequest request_;

 private:
  bool gone_ = false;
  std::function<void()> when_gone_;
};

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "http/exchange.h"
#include "platform/net/socket.h"

namespace tenbin {

class TlsContext;

// What one loop of the server needs from outside, made on the loop's own thread and used there.
class LoopWork {
 public:
  virtual ~LoopWork() = default;
  // Answers the exchange, now or later.
  virtual void handle(const std::shared_ptr<Exchange>& exchange) = 0;
  // Whether the request's route wants its body in pieces.
  virtual HeadVerdict judge(const std::shared_ptr<Exchange>& exchange) = 0;
  // Work that gathered while requests were read; returns when it wants to be called again.
  virtual Duration after_round() = 0;
};
using MakeLoopWork = std::function<std::unique_ptr<LoopWork>(EventLoop& loop, int index)>;

struct HttpServerOptions {
  NetAddress address{"127.0.0.1", 8080};
  std::vector<int> more_ports;      // of the same host, at which the same is spoken
  int loops = 1;                    // threads that read, work and write
  std::shared_ptr<TlsContext> tls;  // null: plain
};

struct HttpCounts {
  std::int64_t open = 0;      // connections now
  std::int64_t accepted = 0;  // connections so far
  std::int64_t refused = 0;   // connections over a limit
};

// Listens, and gives every request to the work of the loop that its connection belongs to. Each
// loop is one thread with a listener of its own: the kernel spreads connections over them.
class HttpServer {
 public:
  // Listens; nothing is accepted before start(). Error kNetwork: the address cannot be used.
  static Result<std::unique_ptr<HttpServer>> listen(const HttpServerOptions& options,
                                                    MakeLoopWork make_work);
  virtual ~HttpServer() = default;
  // Where it listens: at the address, then at the other ports in their order.
  virtual NetAddress address(std::size_t port = 0) const = 0;
  // Starts the threads.
  virtual void start() = 0;
  // Accepts nothing new, lets what is under way end, for `at_most`; then ends all. Blocks. Returns
  // how many connections were cut off.
  virtual std::int64_t drain(Duration at_most) = 0;
  virtual HttpCounts counts() const = 0;
};

}  // namespace tenbin

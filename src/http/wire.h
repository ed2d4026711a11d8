// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/units.h"

namespace tenbin {

class EventLoop;
class Exchange;
enum class HeadVerdict;

// What a wire finds under it: the connection that carries its bytes. All on the loop's thread.
class WireCarrier {
 public:
  virtual ~WireCarrier() = default;
  virtual EventLoop& loop() = 0;
  virtual const std::string& peer() const = 0;
  virtual bool secure() const = 0;
  virtual Duration now() const = 0;
  // Sends, in order; what the socket does not take at once is kept.
  virtual void send(std::string_view head, std::string_view body) = 0;
  // Bytes that were given to send() and have not left: a wire that makes more should wait for
  // Wire::all_sent().
  virtual std::size_t unsent() const = 0;
  // Wire::round_ended() is called once the work of this round of the loop is done.
  virtual void call_after_round() = 0;
  // Closes once everything has left. The wire gets no more bytes.
  virtual void close_when_sent() = 0;
  // No more bytes are read until resume_reading().
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  // Hands a request to the routes; they answer the exchange now or later.
  virtual void dispatch(const std::shared_ptr<Exchange>& exchange) = 0;
  // Of a request whose body has not come.
  virtual HeadVerdict judge(const std::shared_ptr<Exchange>& exchange) = 0;
  // The server is stopping: this should be the last request of its connection.
  virtual bool draining() const = 0;
};

// A version of HTTP as it is spoken over one connection: bytes in, requests to the routes, bytes
// out. Its carrier outlives it.
class Wire {
 public:
  virtual ~Wire() = default;
  // What was read. Views are borrowed for the call.
  virtual void take(std::string_view bytes) = 0;
  virtual void all_sent() {}
  // After WireCarrier::call_after_round(): what was made in the round can be sent at once.
  virtual void round_ended() {}
  // The other side sends no more.
  virtual void end_of_input() = 0;
  // The connection is lost: nothing can be sent any more. Exchanges learn it now.
  virtual void lost() = 0;
  // No more requests are wanted: finish what is under way, then close.
  virtual void drain() = 0;
  // The steady instant at which the other side has kept us waiting too long (Duration::max():
  // never), and what to do then; closes the connection.
  virtual Duration expires() const = 0;
  virtual void expire() = 0;
};

std::unique_ptr<Wire> make_http1_wire(WireCarrier& carrier);
// Null: there is no memory for it.
std::unique_ptr<Wire> make_http2_wire(WireCarrier& carrier);

}  // namespace tenbin

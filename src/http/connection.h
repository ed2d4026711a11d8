// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "http/wire.h"
#include "platform/net/byte_stream.h"
#include "platform/net/event_loop.h"

namespace tenbin {

class Connection;

// What the connections of one loop share. On the loop's thread.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  virtual EventLoop& loop() = 0;
  // Where every connection reads into: what it holds is taken before the next one reads.
  virtual std::span<std::byte> read_buffer() = 0;
  virtual void dispatch(const std::shared_ptr<Exchange>& exchange) = 0;
  virtual HeadVerdict judge(const std::shared_ptr<Exchange>& exchange) = 0;
  virtual bool draining() const = 0;
  // Connection::round_ended() is to be called when the work of this round is done.
  virtual void call_after_round(Connection& connection) = 0;
  // The connection has ended: it is destroyed soon, not in this call.
  virtual void ended(Connection& connection) = 0;
};

// A client's connection: moves bytes between its stream and the version of HTTP that is spoken.
class Connection final : public ReadinessHandler, public WireCarrier {
 public:
  // `host` is borrowed for the connection's life.
  Connection(ConnectionHost& host, std::unique_ptr<ByteStream> stream, std::string peer);
  ~Connection() override;
  Connection(const Connection&) = delete;

  // Begins to read. Error: the loop cannot watch it.
  Status start();
  void ready(Readiness readiness) override;
  void drain();
  // Ends it if the other side has kept us waiting too long.
  void check_time();
  void round_ended();
  // Ends it now.
  void end();

  EventLoop& loop() override { return host_.loop(); }
  const std::string& peer() const override { return peer_; }
  bool secure() const override { return stream_->secure(); }
  Duration now() const override { return host_.loop().now(); }
  void send(std::string_view head, std::string_view body) override;
  std::size_t unsent() const override { return out_.size() - out_sent_; }
  void call_after_round() override;
  void close_when_sent() override;
  void pause_reading() override;
  void resume_reading() override;
  void dispatch(const std::shared_ptr<Exchange>& exchange) override { host_.dispatch(exchange); }
  HeadVerdict judge(const std::shared_ptr<Exchange>& exchange) override {
    return host_.judge(exchange);
  }
  bool draining() const override { return host_.draining(); }

 private:
  void read();
  void take(std::string_view bytes);
  void choose_wire(std::string_view bytes);
  void flush();
  void sent_all();
  void watch();

  ConnectionHost& host_;
  std::unique_ptr<ByteStream> stream_;
  std::string peer_;
  std::unique_ptr<Wire> wire_;  // null: too few bytes came to tell the version
  std::string first_;           // those bytes
  std::string out_;             // not sent yet, from out_sent_ on
  std::size_t out_sent_ = 0;
  Duration moved_;  // when bytes last left, or began to wait; before a wire: when it came
  bool called_after_round_ = false;
  bool reading_ = true, closing_ = false, ended_ = false, half_closed_ = false;
  bool watched_read_ = false, watched_write_ = false;
};

}  // namespace tenbin

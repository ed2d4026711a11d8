// SPDX-License-Identifier: Apache-2.0
#include "http/connection.h"

#include <algorithm>
#include <utility>

namespace tenbin {
namespace {

constexpr Duration kWriteStall = 10s;   // nothing was taken for so long: the reader is gone
constexpr Duration kFirstBytes = 10s;   // for the bytes that tell the version
constexpr Duration kDrainTime = 500ms;  // for them while we stop
constexpr Duration kLastBytes = 2s;     // for the other side to read what we sent last
constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

Connection::Connection(ConnectionHost& host, std::unique_ptr<ByteStream> stream, std::string peer)
    : host_(host), stream_(std::move(stream)), peer_(std::move(peer)), moved_(host.loop().now()) {}

Connection::~Connection() { end(); }

Status Connection::start() {
  watched_read_ = true;
  return host_.loop().watch(stream_->descriptor(), *this, true, false);
}

void Connection::end() {
  if (std::exchange(ended_, true)) return;
  host_.loop().unwatch(stream_->descriptor());
  if (wire_) wire_->lost();
  host_.ended(*this);
}

void Connection::watch() {
  if (ended_) return;
  const bool read = reading_ && !half_closed_;
  const bool write = unsent() > 0 || stream_->wants_write();
  if (read == watched_read_ && write == watched_write_) return;
  watched_read_ = read;
  watched_write_ = write;
  if (!host_.loop().watch(stream_->descriptor(), *this, read, write).ok()) end();
}

void Connection::ready(Readiness readiness) {
  if (readiness.gone && !readiness.read) return end();
  if (readiness.write) flush();
  // A handshake that waited to write goes on by reading.
  const bool handshake = readiness.write && unsent() == 0 && !half_closed_;
  if (!ended_ && (readiness.read || handshake)) read();
  watch();
}

void Connection::read() {
  do {
    const std::span<std::byte> buffer = host_.read_buffer();
    const IoResult got = stream_->read(buffer);
    if (got.outcome == IoOutcome::kWouldBlock) return;
    if (got.outcome == IoOutcome::kFailed) return end();
    if (got.outcome == IoOutcome::kEnd) {
      half_closed_ = true;
      if (closing_ || !wire_) return end();
      return wire_->end_of_input();
    }
    // After the last answer, bytes that still come are read and dropped: closing on unread ones
    // would reset the connection before the answer was read.
    if (!closing_) take({reinterpret_cast<const char*>(buffer.data()), got.bytes});
  } while (!ended_ && reading_ && stream_->holds_input());
}

void Connection::take(std::string_view bytes) {
  if (wire_) return wire_->take(bytes);
  first_.append(bytes);
  const bool may_be_http2 =
      first_.size() < kHttp2Preface.size() && kHttp2Preface.substr(0, first_.size()) == first_;
  if (may_be_http2) return;
  std::string all;
  all.swap(first_);
  choose_wire(all);
  if (!wire_) return;
  wire_->take(all);
  if (host_.draining()) wire_->drain();  // behind the request that came first
}

void Connection::choose_wire(std::string_view bytes) {
  wire_ = bytes.starts_with(kHttp2Preface) ? make_http2_wire(*this) : make_http1_wire(*this);
  if (!wire_) end();
}

void Connection::send(std::string_view head, std::string_view body) {
  if (ended_ || (closing_ && unsent() == 0)) return;
  if (unsent() == 0) {
    moved_ = now();
    const IoResult sent = stream_->write(head, body);
    if (sent.outcome == IoOutcome::kFailed) return end();
    const std::size_t in_head = std::min(sent.bytes, head.size());
    head.remove_prefix(in_head);
    body.remove_prefix(sent.bytes - in_head);
  }
  if (head.empty() && body.empty()) return;
  out_.append(head);
  out_.append(body);
  watch();
}

void Connection::flush() {
  if (unsent() == 0) return;
  const IoResult sent = stream_->write(std::string_view(out_).substr(out_sent_), {});
  if (sent.outcome == IoOutcome::kFailed) return end();
  if (sent.outcome != IoOutcome::kDone) return;
  moved_ = now();
  out_sent_ += sent.bytes;
  if (unsent() > 0) return;
  out_ = std::string();
  out_sent_ = 0;
  if (closing_) return sent_all();
  if (wire_) wire_->all_sent();
}

void Connection::close_when_sent() {
  if (ended_ || std::exchange(closing_, true)) return;
  if (unsent() == 0) sent_all();
}

// Tells the other side that this was all, and waits a little for its end.
void Connection::sent_all() {
  if (half_closed_) return end();
  moved_ = now();
  reading_ = true;
  stream_->finish_writing();
  watch();
}

void Connection::pause_reading() {
  reading_ = false;
  watch();
}

void Connection::resume_reading() {
  reading_ = true;
  watch();
}

void Connection::drain() {
  if (wire_) return wire_->drain();
  moved_ = now();  // a request may be on its way
}

void Connection::call_after_round() {
  if (std::exchange(called_after_round_, true)) return;
  host_.call_after_round(*this);
}

void Connection::round_ended() {
  called_after_round_ = false;
  if (ended_ || !wire_) return;
  wire_->round_ended();
  watch();
}

void Connection::check_time() {
  if (ended_) return;
  if (unsent() > 0) {
    if (now() - moved_ > kWriteStall) end();
  } else if (closing_) {
    if (now() - moved_ > kLastBytes) end();
  } else if (!wire_) {
    if (now() - moved_ > (host_.draining() ? kDrainTime : kFirstBytes)) end();
  } else if (wire_->expires() <= now()) {
    wire_->expire();
  }
}

}  // namespace tenbin

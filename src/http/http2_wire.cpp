// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/json.h"
#include "base/limits.h"
#include "http/answers.h"
#include "http/exchange.h"
#include "http/grpc/grpc_frames.h"
#include "http/grpc/grpc_status.h"
#include "http/wire.h"
#include "platform/http2/http2_session.h"

namespace tenbin {
namespace {

constexpr Duration kIdleTime = 75s;       // without a stream
constexpr Duration kStallTime = 30s;      // an answer that the client does not read
constexpr Duration kSilence = 20s;        // after it the client is asked whether it is still there
constexpr Duration kBodyGrace = 5s;       // after it a body comes at kBodyRate at least
constexpr std::int64_t kBodyRate = 1024;  // [B/s]
constexpr Duration kDrainTime = 500ms;    // for a request that is on its way while we stop
constexpr std::int64_t kBuffered = 2 * limits::kBodyBytes;  // [B] of all bodies of a connection
constexpr std::size_t kWrite = 64u << 10;                   // [B] sent at a time
constexpr std::size_t kUnsent = 1u << 20;                   // [B] given to the connection at most

class Http2Wire;

class Http2Exchange final : public Exchange {
 public:
  Http2Exchange(Http2Wire& wire, EventLoop& loop, std::int32_t stream)
      : wire_(&wire), loop_(loop), stream_(stream) {}
  EventLoop& loop() override { return loop_; }
  void answer(HttpResponse response) override;
  void begin(int status, std::vector<HttpRequest::Header> headers) override;
  void send(std::string piece) override;
  void finish(std::vector<HttpRequest::Header> trailers) override;
  void hold_input(bool held) override;
  bool answered() const { return wire_ == nullptr; }
  void lose() {
    wire_ = nullptr;
    leave();
  }
  // The stream has ended as it should: nobody has left.
  void end() { wire_ = nullptr; }
  bool pieces = false;        // the route takes its body in pieces
  bool whole = false;         // the request has come
  Duration began{};           // when its headers came
  std::int64_t taken = 0;     // [B] of the body
  std::int64_t buffered = 0;  // [B] of it that are kept

 private:
  Http2Wire* wire_;
  EventLoop& loop_;
  std::int32_t stream_;
};

class Http2Wire final : public Wire, private Http2Events {
 public:
  explicit Http2Wire(WireCarrier& carrier)
      : carrier_(carrier), moved_(carrier.now()), heard_(moved_), read_(moved_) {}
  ~Http2Wire() override { lost(); }

  bool open() {
    auto session = Http2Session::create(*this);
    if (!session.ok()) return false;
    session_ = std::move(*session);
    return true;
  }

  void take(std::string_view bytes) override {
    moved_ = heard_ = carrier_.now();
    asked_ = false;
    if (session_->take(bytes, moved_)) return carrier_.call_after_round();
    flush();
    carrier_.close_when_sent();
  }
  void all_sent() override {
    moved_ = carrier_.now();
    flush();
  }
  void round_ended() override { flush(); }
  void end_of_input() override { carrier_.close_when_sent(); }

  void lost() override {
    std::unordered_map<std::int32_t, std::shared_ptr<Http2Exchange>> exchanges;
    exchanges.swap(exchanges_);
    for (auto& [stream, exchange] : exchanges) exchange->lose();
  }

  void drain() override {
    draining_ = true;
    moved_ = carrier_.now();
    session_->go_away();
    flush();
  }

  Duration expires() const override {
    if (exchanges_.empty()) return moved_ + (draining_ ? kDrainTime : kIdleTime);
    Duration first = heard_ + (asked_ ? 2 * kSilence : kSilence);
    if (session_->unsent() > 0) first = std::min(first, read_ + kStallTime);
    for (const auto& [stream, exchange] : exchanges_) first = std::min(first, due(*exchange));
    return first;
  }
  void expire() override {
    const Duration now = carrier_.now();
    const bool unread = session_->unsent() > 0 && now >= read_ + kStallTime;
    if (exchanges_.empty() || unread || (asked_ && now >= heard_ + 2 * kSilence)) {
      if (!draining_) session_->go_away();
      flush();
      return carrier_.close_when_sent();
    }
    if (!asked_ && now >= heard_ + kSilence) {
      asked_ = true;
      session_->ping();
    }
    const auto exchanges = exchanges_;
    for (const auto& [stream, exchange] : exchanges) {
      if (now >= due(*exchange)) refuse(*exchange, 408, too_slow());
    }
    flush();
  }

  // ---- of the exchanges ----
  void begin(std::int32_t stream, int status, const std::vector<HttpRequest::Header>& headers,
             bool last) {
    Http2Fields fields = {{":status", std::to_string(status)}};
    fields.insert(fields.end(), headers.begin(), headers.end());
    session_->respond(stream, fields, last);
    carrier_.call_after_round();
  }
  void send(std::int32_t stream, std::string piece) {
    session_->send(stream, std::move(piece));
    carrier_.call_after_round();
  }
  void finish(std::int32_t stream, const std::vector<HttpRequest::Header>& trailers) {
    session_->finish(stream, trailers);
    carrier_.call_after_round();
  }
  void hold(std::int32_t stream, bool held) {
    session_->hold(stream, held);
    carrier_.call_after_round();
  }

 private:
  void flush() {
    std::string out;  // many frames, one write
    while (carrier_.unsent() + out.size() < kUnsent) {
      const std::string_view frame = session_->next_output();
      if (frame.empty()) break;
      out.append(frame);
      if (out.size() < kWrite) continue;
      carrier_.send(out, {});
      out.clear();
    }
    if (!out.empty()) carrier_.send(out, {});
    // More that waits, or less: the other side reads.
    if (session_->unsent() != waiting_) read_ = carrier_.now();
    waiting_ = session_->unsent();
    if (session_->finished()) carrier_.close_when_sent();
  }

  // When a request that does not come on is given up.
  static Duration due(const Http2Exchange& exchange) {
    if (exchange.whole || exchange.pieces || exchange.answered()) return Duration::max();
    return exchange.began + kBodyGrace + std::chrono::seconds(exchange.taken / kBodyRate);
  }
  static Error too_slow() {
    return Error(ErrorCode::kDeadlinePassed, "the request came too slowly");
  }
  static Error too_large() {
    return Error(ErrorCode::kTooLarge,
                 "the body is larger than " + std::to_string(limits::kBodyBytes) + " bytes");
  }

  // Answers before the request has come whole; what still comes of it is dropped.
  void refuse(Http2Exchange& exchange, int status, const Error& error) {
    keep(exchange, 0);
    exchange.request().body = std::string();
    if (is_grpc(exchange.request())) return exchange.answer(grpc_failure(error));
    exchange.answer(json_response(status, Json::object({{"error", error.message()}})));
  }

  // Of the body so many bytes are kept now.
  void keep(Http2Exchange& exchange, std::int64_t bytes) {
    buffered_ += bytes - exchange.buffered;
    exchange.buffered = bytes;
  }

  bool headers(std::int32_t stream, Http2Fields fields, bool last) override {
    auto exchange = std::make_shared<Http2Exchange>(*this, carrier_.loop(), stream);
    HttpRequest& request = exchange->request();
    request.version = HttpVersion::kHttp2;
    request.peer = carrier_.peer();
    request.secure = carrier_.secure();
    read_fields(std::move(fields), request);
    exchange->began = carrier_.now();
    exchanges_[stream] = exchange;
    if (last) return true;
    switch (carrier_.judge(exchange)) {
      case HeadVerdict::kAnswered: break;
      case HeadVerdict::kTakePieces:
        exchange->pieces = true;
        carrier_.dispatch(exchange);
        break;
      case HeadVerdict::kReadBody:
        if (length_of(request) > limits::kBodyBytes) refuse(*exchange, 413, too_large());
        break;
    }
    return true;
  }

  static void read_fields(Http2Fields fields, HttpRequest& request) {
    for (auto& [name, value] : fields) {
      if (name == ":method") {
        request.method = std::move(value);
      } else if (name == ":path") {
        const std::size_t question = value.find('?');
        request.path = value.substr(0, question);
        if (question != std::string::npos) request.query = value.substr(question + 1);
      } else if (name == ":authority") {
        request.headers.emplace_back("host", std::move(value));
      } else if (!name.empty() && name.front() != ':') {
        // With an authority a Host header says the same, or lies.
        if (name == "host" && !request.header("host").empty()) continue;
        request.headers.emplace_back(std::move(name), std::move(value));
      }
    }
  }

  // What content-length promises; 0: nothing (HTTP/2 judges by itself whether it is kept).
  static std::int64_t length_of(const HttpRequest& request) {
    const std::string_view text = request.header("content-length");
    std::int64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error == std::errc::result_out_of_range) return limits::kBodyBytes + 1;
    return length;
  }

  bool data(std::int32_t stream, std::string_view piece) override {
    const auto found = exchanges_.find(stream);
    if (found == exchanges_.end()) return true;
    const std::shared_ptr<Http2Exchange> exchange = found->second;
    exchange->taken += static_cast<std::int64_t>(piece.size());
    if (exchange->answered()) return true;  // answered early: the rest is read and dropped
    if (exchange->pieces) {
      if (exchange->take_piece) exchange->take_piece(std::string(piece), false);
      keep(*exchange, exchange->kept);
      if (buffered_ > kBuffered) session_->reset(stream);
      return true;
    }
    keep(*exchange, exchange->taken);
    if (exchange->taken > limits::kBodyBytes || buffered_ > kBuffered) {
      refuse(*exchange, 413, too_large());
      return true;
    }
    std::string& body = exchange->request().body;
    const bool begins = body.size() < kGrpcHead;
    body.append(piece);
    if (!begins || !is_grpc(exchange->request())) return true;
    // The length of its message is judged before the message is kept.
    const Status judged = check_grpc_head(body);
    if (!judged.ok()) refuse(*exchange, 413, judged.error());
    return true;
  }

  void last(std::int32_t stream) override {
    const auto found = exchanges_.find(stream);
    if (found == exchanges_.end()) return;
    const std::shared_ptr<Http2Exchange> exchange = found->second;
    exchange->whole = true;
    if (exchange->pieces) {
      if (exchange->take_piece) exchange->take_piece({}, true);
    } else if (!exchange->answered()) {
      carrier_.dispatch(exchange);
    }
  }

  void closed(std::int32_t stream, bool reset) override {
    const auto found = exchanges_.find(stream);
    if (found == exchanges_.end()) return;
    const std::shared_ptr<Http2Exchange> exchange = std::move(found->second);
    exchanges_.erase(found);
    keep(*exchange, 0);
    if (reset) {
      exchange->lose();
    } else {
      exchange->end();
    }
  }

  WireCarrier& carrier_;
  std::unique_ptr<Http2Session> session_;
  std::unordered_map<std::int32_t, std::shared_ptr<Http2Exchange>> exchanges_;
  std::int64_t buffered_ = 0;  // [B] of bodies
  Duration moved_;             // when bytes last went either way
  Duration heard_, read_;      // when bytes last came; when answers last moved on
  std::size_t waiting_ = 0;    // [B] of answers at that time
  bool draining_ = false;
  bool asked_ = false;  // whether it is still there, since bytes last came
};

void Http2Exchange::answer(HttpResponse response) {
  Http2Wire* wire = std::exchange(wire_, nullptr);
  if (wire == nullptr) return;
  const bool grpc = response.header("content-type").starts_with("application/grpc");
  if (!grpc) {
    response.headers.emplace_back("content-length", std::to_string(response.body.size()));
  }
  response.headers.insert(response.headers.end(), more_headers.begin(), more_headers.end());
  const bool bare =
      request_.method == "HEAD" || (response.body.empty() && response.trailers.empty());
  wire->begin(stream_, response.status, response.headers, bare);
  if (bare) return;
  wire->send(stream_, std::move(response.body));
  wire->finish(stream_, response.trailers);
}
void Http2Exchange::begin(int status, std::vector<HttpRequest::Header> headers) {
  headers.insert(headers.end(), more_headers.begin(), more_headers.end());
  if (wire_ != nullptr) wire_->begin(stream_, status, headers, false);
}
void Http2Exchange::send(std::string piece) {
  if (wire_ != nullptr) wire_->send(stream_, std::move(piece));
}
void Http2Exchange::finish(std::vector<HttpRequest::Header> trailers) {
  if (Http2Wire* wire = std::exchange(wire_, nullptr)) wire->finish(stream_, trailers);
}
void Http2Exchange::hold_input(bool held) {
  if (wire_ != nullptr) wire_->hold(stream_, held);
}

}  // namespace

std::unique_ptr<Wire> make_http2_wire(WireCarrier& carrier) {
  auto wire = std::make_unique<Http2Wire>(carrier);
  if (!wire->open()) return nullptr;
  return wire;
}

}  // namespace tenbin

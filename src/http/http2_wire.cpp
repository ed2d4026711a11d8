// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include "base/limits.h"
#include "http/answers.h"
#include "http/exchange.h"
#include "http/wire.h"
#include "platform/http2/http2_session.h"

namespace tenbin {
namespace {

constexpr Duration kIdleTime = 75s;     // without a stream
constexpr Duration kStallTime = 30s;    // a request or an answer that does not move on
constexpr Duration kDrainTime = 500ms;  // for a request that is on its way while we stop
constexpr std::int64_t kBuffered = 2 * limits::kBodyBytes;  // [B] of all bodies of a connection
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
  void lose() {
    wire_ = nullptr;
    leave();
  }
  // The stream has ended as it should: nobody has left.
  void end() { wire_ = nullptr; }
  bool pieces = false;     // the route takes its body in pieces
  bool computing = false;  // the whole request is with the routes
  std::int64_t taken = 0;  // [B] of the body

 private:
  Http2Wire* wire_;
  EventLoop& loop_;
  std::int32_t stream_;
};

class Http2Wire final : public Wire, private Http2Events {
 public:
  explicit Http2Wire(WireCarrier& carrier) : carrier_(carrier), moved_(carrier.now()) {}
  ~Http2Wire() override { lost(); }

  bool open() {
    auto session = Http2Session::create(*this);
    if (!session.ok()) return false;
    session_ = std::move(*session);
    return true;
  }

  void take(std::string_view bytes) override {
    moved_ = carrier_.now();
    taking_ = true;
    const bool good = session_->take(bytes, moved_);
    taking_ = false;
    flush();
    if (!good || session_->finished()) carrier_.close_when_sent();
  }
  void all_sent() override {
    moved_ = carrier_.now();
    flush();
  }
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
    const bool computing = std::any_of(exchanges_.begin(), exchanges_.end(),
                                       [](const auto& entry) { return entry.second->computing; });
    return computing ? Duration::max() : moved_ + kStallTime;
  }
  void expire() override {
    if (!draining_) session_->go_away();
    flush();
    carrier_.close_when_sent();
  }

  // ---- of the exchanges ----
  void begin(std::int32_t stream, int status, const std::vector<HttpRequest::Header>& headers,
             bool last) {
    Http2Fields fields = {{":status", std::to_string(status)}};
    fields.insert(fields.end(), headers.begin(), headers.end());
    session_->respond(stream, fields, last);
    later();
  }
  void send(std::int32_t stream, std::string piece) {
    session_->send(stream, std::move(piece));
    later();
  }
  void finish(std::int32_t stream, const std::vector<HttpRequest::Header>& trailers) {
    session_->finish(stream, trailers);
    // Its answer is on its way: what is waited for from now on is the other side.
    if (const auto found = exchanges_.find(stream); found != exchanges_.end()) {
      found->second->computing = false;
    }
    later();
  }

 private:
  // Inside take() everything is flushed at its end; else now.
  void later() {
    if (!taking_) flush();
  }

  void flush() {
    if (taking_) return;
    while (carrier_.unsent() < kUnsent) {
      const std::string_view out = session_->next_output();
      if (out.empty()) break;
      carrier_.send(out, {});
    }
  }

  bool headers(std::int32_t stream, Http2Fields fields, bool last) override {
    if (carrier_.draining() && draining_ && exchanges_.size() > 1000) return false;
    auto exchange = std::make_shared<Http2Exchange>(*this, carrier_.loop(), stream);
    HttpRequest& request = exchange->request();
    request.version = HttpVersion::kHttp2;
    request.peer = carrier_.peer();
    request.secure = carrier_.secure();
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
    exchanges_[stream] = exchange;
    if (!last && carrier_.takes_pieces(request)) {
      exchange->pieces = true;
      dispatch(exchange);
    }
    return true;
  }

  bool data(std::int32_t stream, std::string_view piece) override {
    const auto found = exchanges_.find(stream);
    if (found == exchanges_.end()) return true;  // answered early: the rest is read and dropped
    Http2Exchange& exchange = *found->second;
    exchange.taken += static_cast<std::int64_t>(piece.size());
    if (exchange.pieces) {
      if (exchange.take_piece) exchange.take_piece(std::string(piece), false);
      return true;
    }
    buffered_ += static_cast<std::int64_t>(piece.size());
    if (exchange.taken > limits::kBodyBytes || buffered_ > kBuffered) {
      exchange.answer(error_response(
          Error(ErrorCode::kTooLarge,
                "the body is larger than " + std::to_string(limits::kBodyBytes) + " bytes")));
      return true;
    }
    exchange.request().body.append(piece);
    return true;
  }

  void last(std::int32_t stream) override {
    const auto found = exchanges_.find(stream);
    if (found == exchanges_.end()) return;
    const std::shared_ptr<Http2Exchange> exchange = found->second;
    if (exchange->pieces) {
      if (exchange->take_piece) exchange->take_piece({}, true);
      return;
    }
    exchange->computing = true;
    dispatch(exchange);
  }

  void closed(std::int32_t stream, bool reset) override {
    const auto found = exchanges_.find(stream);
    if (found == exchanges_.end()) return;
    const std::shared_ptr<Http2Exchange> exchange = std::move(found->second);
    exchanges_.erase(found);
    if (!exchange->pieces) buffered_ -= exchange->taken;
    if (reset) {
      exchange->lose();
    } else {
      exchange->end();
    }
  }

  void dispatch(const std::shared_ptr<Http2Exchange>& exchange) { carrier_.dispatch(exchange); }

  WireCarrier& carrier_;
  std::unique_ptr<Http2Session> session_;
  std::unordered_map<std::int32_t, std::shared_ptr<Http2Exchange>> exchanges_;
  std::int64_t buffered_ = 0;  // [B] of bodies
  Duration moved_;             // when bytes last went either way
  bool draining_ = false, taking_ = false;
};

void Http2Exchange::answer(HttpResponse response) {
  Http2Wire* wire = std::exchange(wire_, nullptr);
  if (wire == nullptr) return;
  computing = false;
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

}  // namespace

std::unique_ptr<Wire> make_http2_wire(WireCarrier& carrier) {
  auto wire = std::make_unique<Http2Wire>(carrier);
  if (!wire->open()) return nullptr;
  return wire;
}

}  // namespace tenbin

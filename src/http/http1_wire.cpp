// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "base/json.h"
#include "base/limits.h"
#include "http/exchange.h"
#include "http/http1_parser.h"
#include "http/http_date.h"
#include "http/wire.h"

namespace tenbin {
namespace {

constexpr Duration kHeadTime = 10s;            // from the first byte of a request to its empty line
constexpr Duration kIdleTime = 75s;            // between requests
constexpr Duration kBodyGrace = 5s;            // after it a body comes at kBodyRate at least
constexpr Duration kDrainTime = 500ms;         // for a request that is on its way while we stop
constexpr std::int64_t kBodyRate = 1024;       // [B/s]
constexpr std::size_t kReadAhead = 64u << 10;  // [B] kept of the requests behind the present one
constexpr std::size_t kIdleBytes = 4u << 10;   // [B] kept by a connection that waits
constexpr std::int64_t kShortBody = 16 << 10;  // [B] read before it is asked who sends them
constexpr std::int64_t kReservedBody = 1 << 20;  // [B] believed without having seen them

class Http1Wire;

class Http1Exchange final : public Exchange {
 public:
  Http1Exchange(Http1Wire& wire, EventLoop& loop) : wire_(&wire), loop_(loop) {}
  EventLoop& loop() override { return loop_; }
  void answer(HttpResponse response) override;
  void begin(int status, std::vector<HttpRequest::Header> headers) override;
  void send(std::string piece) override;
  void finish(std::vector<HttpRequest::Header> trailers) override;

  void lose() {
    wire_ = nullptr;
    leave();
  }
  bool keep_alive = true, chunks = false;  // of HTTP/1.0 answers in pieces: until the end
  int minor = 1;

 private:
  Http1Wire* wire_;  // null: answered, or lost
  EventLoop& loop_;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 32);
  }
  return out;
}

class Http1Wire final : public Wire {
 public:
  explicit Http1Wire(WireCarrier& carrier) : carrier_(carrier), since_(carrier.now()) {}
  ~Http1Wire() override { lost(); }

  void take(std::string_view bytes) override {
    if (state_ == State::kClosing) return;
    if (state_ == State::kBusy || !pending_.empty()) {
      pending_.append(bytes);
      if (state_ == State::kBusy) {
        if (pending_.size() > kReadAhead) carrier_.pause_reading();
        return;
      }
      std::string all;
      all.swap(pending_);
      consume(all);
    } else {
      consume(bytes);
    }
  }

  // Who was slow to read has its time between requests all the same.
  void all_sent() override {
    if (state_ == State::kHead && pending_.empty()) since_ = carrier_.now();
  }

  void end_of_input() override {
    if (state_ == State::kBusy) {
      // Nobody waits for the answer any more, as far as can be told.
      keep_after_ = false;
      if (exchange_) exchange_->lose();
    } else if (state_ != State::kClosing && (state_ == State::kBody || !pending_.empty())) {
      return refuse({400, "the request ends before it is whole"});
    }
    close();
  }

  void lost() override {
    state_ = State::kClosing;
    if (const auto exchange = std::move(exchange_)) exchange->lose();
  }

  void drain() override {
    draining_ = true;
    if (state_ == State::kHead && pending_.empty()) since_ = carrier_.now();
  }

  Duration expires() const override {
    switch (state_) {
      case State::kHead:
        if (!pending_.empty()) return since_ + kHeadTime;
        return since_ + (draining_ ? kDrainTime : kIdleTime);
      case State::kBody: {
        const std::int64_t got = static_cast<std::int64_t>(body_size()) / kBodyRate;
        return since_ + kBodyGrace + std::chrono::seconds(got);
      }
      case State::kBusy:
      case State::kClosing: return Duration::max();
    }
    return Duration::max();
  }

  void expire() override {
    if (state_ == State::kHead && pending_.empty()) return close();
    refuse({408, "the request came too slowly"});
  }

  // ---- of the exchange ----
  void answer(const Http1Exchange& exchange, const HttpResponse& response) {
    const bool last = !exchange.keep_alive || carrier_.draining() || !keep_after_;
    std::string head = status_line(response.status);
    add_headers(head, response.headers);
    add_headers(head, exchange.more_headers);
    if (response.status != 204 && response.status != 304) {
      head += "content-length: " + std::to_string(response.body.size()) + "\r\n";
    }
    end_head(head, last);
    const bool without = exchange.request().method == "HEAD";
    carrier_.send(head, without ? std::string_view() : std::string_view(response.body));
    answered(last);
  }

  void begin(Http1Exchange& exchange, int status, const std::vector<HttpRequest::Header>& headers) {
    std::string head = status_line(status);
    add_headers(head, headers);
    add_headers(head, exchange.more_headers);
    exchange.chunks = exchange.minor == 1;
    if (exchange.chunks) head += "transfer-encoding: chunked\r\n";
    end_head(head, !exchange.chunks || !exchange.keep_alive);
    carrier_.send(head, {});
  }
  void send(const Http1Exchange& exchange, const std::string& piece) {
    if (piece.empty()) return;
    if (!exchange.chunks) return carrier_.send({}, piece);
    static const char* const kDigits = "0123456789abcdef";
    std::string size;
    for (std::size_t n = piece.size(); n != 0; n >>= 4) size.insert(size.begin(), kDigits[n & 15]);
    carrier_.send(size + "\r\n", piece + "\r\n");
  }
  void finish(const Http1Exchange& exchange) {
    if (exchange.chunks) carrier_.send("0\r\n\r\n", {});
    answered(!exchange.chunks || !exchange.keep_alive || !keep_after_ || carrier_.draining());
  }

 private:
  enum class State { kHead, kBody, kBusy, kClosing };

  static std::string status_line(int status) {
    std::string line = "HTTP/1.1 ";
    line.reserve(256);
    line += std::to_string(status);
    line += ' ';
    line += reason_phrase(status);
    return line += "\r\n";
  }
  static void add_headers(std::string& head, const std::vector<HttpRequest::Header>& headers) {
    for (const auto& [name, value] : headers) {
      head += name;
      head += ": ";
      head += value;
      head += "\r\n";
    }
  }
  static void end_head(std::string& head, bool last) {
    head += "date: ";
    head += http_date();
    head += last ? "\r\nconnection: close\r\n\r\n" : "\r\n\r\n";
  }

  std::size_t body_size() const { return exchange_ ? exchange_->request().body.size() : 0; }

  void close() {
    state_ = State::kClosing;
    carrier_.close_when_sent();
  }

  // A request that cannot be taken: nothing that follows it can be trusted to be a request.
  void refuse(const HttpRefusal& refusal) {
    if (refusal.status == 0) return close();
    const std::string body = Json::object({{"error", refusal.message}}).dump();
    std::string head = status_line(refusal.status);
    head += "content-type: application/json\r\ncontent-length: " + std::to_string(body.size());
    head += "\r\n";
    end_head(head, true);
    exchange_.reset();
    carrier_.send(head, body);
    close();
  }

  // Takes requests from `bytes` until one is under way; keeps the rest.
  void consume(std::string_view bytes) {
    while (state_ == State::kHead || state_ == State::kBody) {
      const std::size_t used = state_ == State::kHead ? take_head(bytes) : take_body(bytes);
      bytes.remove_prefix(used);
      if (used == 0) break;
    }
    if (state_ == State::kClosing) return;
    if (bytes.empty() && pending_.capacity() > kIdleBytes) {
      pending_ = std::string();  // a connection that waits holds next to nothing
    } else {
      pending_.assign(bytes);
    }
    if (pending_.size() > kReadAhead && state_ == State::kBusy) carrier_.pause_reading();
  }

  // Bytes of the head, or none while it is not whole.
  std::size_t take_head(std::string_view bytes) {
    if (bytes.empty()) return 0;
    if (scanned_ == 0) since_ = carrier_.now();
    const auto end = find_head_end(bytes, scanned_);
    if (!end) {
      scanned_ = bytes.size();
      const bool line = bytes.find('\n') == std::string_view::npos;
      if (line && bytes.size() > limits::kRequestLineBytes) {
        refuse({414, "the request line is longer than 8 KiB"});
      } else if (bytes.size() > limits::kHeaderBytes) {
        refuse({431, "the headers are longer than 32 KiB"});
      }
      return 0;
    }
    scanned_ = 0;
    if (*end > limits::kHeaderBytes) {
      refuse({431, "the headers are longer than 32 KiB"});
      return 0;
    }
    Http1Head head;
    if (const auto refused = parse_head(bytes.substr(0, *end), head)) {
      refuse(*refused);
      return 0;
    }
    begin_request(head, bytes.size() == *end);
    return *end;
  }

  void begin_request(const Http1Head& head, bool body_still_to_come) {
    if (head.content_length > limits::kBodyBytes) {
      return refuse({413, "the body has " + std::to_string(head.content_length) +
                              " bytes, expected at most " + std::to_string(limits::kBodyBytes)});
    }
    exchange_ = std::make_shared<Http1Exchange>(*this, carrier_.loop());
    HttpRequest& request = exchange_->request();
    request.method = head.method;
    request.path = head.path;
    request.query = head.query;
    request.peer = carrier_.peer();
    request.secure = carrier_.secure();
    request.headers.reserve(head.headers.size());
    for (const auto& [name, value] : head.headers) request.headers.emplace_back(lower(name), value);
    exchange_->minor = head.minor;
    exchange_->keep_alive = head.keep_alive && ++requests_ < limits::kRequestsPerConnection;
    chunked_.reset();
    left_ = head.content_length;
    if (head.chunked) chunked_.emplace(limits::kBodyBytes);
    if (!head.chunked && left_ == 0) return start();
    const bool short_body = !head.chunked && left_ <= kShortBody;
    if ((!short_body || head.expects_continue) && answered_by_head()) return;
    request.body.reserve(static_cast<std::size_t>(std::min(left_, kReservedBody)));
    if (head.expects_continue && body_still_to_come) {
      carrier_.send("HTTP/1.1 100 Continue\r\n\r\n", {});
    }
    state_ = State::kBody;
    since_ = carrier_.now();
  }

  // Whether the routes answer without the body. The connection ends then: what comes next on it is
  // that body.
  bool answered_by_head() {
    const std::shared_ptr<Http1Exchange> exchange = exchange_;
    const bool keeps = std::exchange(exchange->keep_alive, false);
    state_ = State::kBusy;
    if (carrier_.judge(exchange) == HeadVerdict::kAnswered) return true;
    exchange->keep_alive = keeps;
    return false;
  }

  std::size_t take_body(std::string_view bytes) {
    std::string& body = exchange_->request().body;
    if (chunked_) {
      const std::size_t used = chunked_->take(bytes, body);
      if (const auto& refused = chunked_->refusal()) {
        refuse(*refused);
      } else if (chunked_->done()) {
        start();
      }
      return used;
    }
    const std::size_t part = std::min(bytes.size(), static_cast<std::size_t>(left_));
    body.append(bytes.substr(0, part));
    left_ -= static_cast<std::int64_t>(part);
    if (left_ == 0) start();
    return part;
  }

  void start() {
    state_ = State::kBusy;
    // The routes may answer at once, and the connection be closed by that.
    const std::shared_ptr<Exchange> exchange = exchange_;
    carrier_.dispatch(exchange);
  }

  void answered(bool last) {
    exchange_.reset();
    if (state_ != State::kBusy) return;
    if (last) return close();
    state_ = State::kHead;
    since_ = carrier_.now();
    if (resuming_) return;
    // What came behind it, without a call inside a call for each.
    resuming_ = true;
    carrier_.resume_reading();
    while (state_ == State::kHead && !pending_.empty()) {
      std::string all;
      all.swap(pending_);
      const std::size_t before = all.size();
      consume(all);
      if (pending_.size() == before) break;
    }
    resuming_ = false;
  }

  WireCarrier& carrier_;
  State state_ = State::kHead;
  std::shared_ptr<Http1Exchange> exchange_;
  std::string pending_;      // read and not understood yet
  std::size_t scanned_ = 0;  // of pending_: holds no end of a head
  std::optional<ChunkedBody> chunked_;
  std::int64_t left_ = 0;  // [B] of the body
  std::int64_t requests_ = 0;
  Duration since_;  // when what we wait for began
  bool draining_ = false, keep_after_ = true, resuming_ = false;
};

void Http1Exchange::answer(HttpResponse response) {
  if (Http1Wire* wire = std::exchange(wire_, nullptr)) wire->answer(*this, response);
}
void Http1Exchange::begin(int status, std::vector<HttpRequest::Header> headers) {
  if (wire_ != nullptr) wire_->begin(*this, status, headers);
}
void Http1Exchange::send(std::string piece) {
  if (wire_ != nullptr) wire_->send(*this, piece);
}
void Http1Exchange::finish(std::vector<HttpRequest::Header> /*trailers*/) {
  if (Http1Wire* wire = std::exchange(wire_, nullptr)) wire->finish(*this);
}

}  // namespace

std::unique_ptr<Wire> make_http1_wire(WireCarrier& carrier) {
  return std::make_unique<Http1Wire>(carrier);
}

}  // namespace tenbin

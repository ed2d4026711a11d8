// SPDX-License-Identifier: Apache-2.0
#include "platform/net/http_client.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "platform/clock.h"
#include "platform/net/tls.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostHead = 64u << 10;  // [B]

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; }

bool starts_with_name(std::string_view line, std::string_view name) {
  return line.size() > name.size() && std::equal(name.begin(), name.end(), line.begin(),
                                                 [](char a, char b) { return a == lower(b); });
}

std::string_view value_of(std::string_view line, std::string_view name) {
  line.remove_prefix(name.size());
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

// Whether a list like "Keep-Alive, close" has the word (in lower case).
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view item = value_of(list.substr(0, comma), "");
    if (item.size() == word.size() && std::equal(word.begin(), word.end(), item.begin(),
                                                 [](char a, char b) { return a == lower(b); })) {
      return true;
    }
    list.remove_prefix(std::min(list.size(), comma + 1));
  }
  return false;
}

// The whole text as a number.
template <class T> bool read_whole(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void ResponseReader::clear() {
  state_ = State::kHead;
  line_.clear();
  head_.clear();
  body_.clear();
  status_ = 0;
  keep_alive_ = true;
  left_ = 0;
}

void ResponseReader::end() { state_ = state_ == State::kUntilEnd ? State::kDone : State::kFailed; }

// Gathers a line without its end; then line_taken() says what it means.
std::size_t ResponseReader::take_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  line_.append(bytes.substr(0, end));
  if (end == std::string_view::npos) {
    if (line_.size() > kMostHead) state_ = State::kFailed;
    return bytes.size();
  }
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  line_taken();
  line_.clear();
  return end + 1;
}

void ResponseReader::line_taken() {
  switch (state_) {
    case State::kHead:
      if (!line_.empty()) {
        head_ += line_;
        head_ += '\n';
        if (head_.size() > kMostHead) state_ = State::kFailed;
      } else {
        take_head();
      }
      return;
    case State::kChunkSize: {
      const auto [at, error] =
          std::from_chars(line_.data(), line_.data() + line_.size(), left_, 16);
      if (error != std::errc()) {
        state_ = State::kFailed;
      } else {
        state_ = left_ == 0 ? State::kTrailer : State::kChunk;
      }
      return;
    }
    case State::kChunkEnd: state_ = line_.empty() ? State::kChunkSize : State::kFailed; return;
    case State::kTrailer:
      if (line_.empty()) state_ = State::kDone;
      return;
    default: return;
  }
}

void ResponseReader::take_head() {
  std::string_view rest = head_;
  const auto next = [&rest] {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
    return line;
  };
  const std::string_view first = next();
  if (first.size() < 12 || first.substr(0, 7) != "HTTP/1.") {
    state_ = State::kFailed;
    return;
  }
  if (!read_whole(first.substr(9, 3), status_) || status_ < 100) {
    state_ = State::kFailed;
    return;
  }
  keep_alive_ = first[7] == '1';
  state_ = State::kUntilEnd;
  bool chunked = false;
  while (!rest.empty()) {
    const std::string_view line = next();
    if (starts_with_name(line, "content-length:")) {
      if (!read_whole(value_of(line, "content-length:"), left_)) {
        state_ = State::kFailed;
        return;
      }
      state_ = left_ == 0 ? State::kDone : State::kLength;
    } else if (starts_with_name(line, "transfer-encoding:")) {
      chunked = lists(value_of(line, "transfer-encoding:"), "chunked");
    } else if (starts_with_name(line, "connection:")) {
      const std::string_view wishes = value_of(line, "connection:");
      keep_alive_ = !lists(wishes, "close") && (keep_alive_ || lists(wishes, "keep-alive"));
    }
  }
  if (chunked) state_ = State::kChunkSize;  // whatever length is named beside it (RFC 9112, 6.3)
  const bool persistent = keep_alive_;
  if (state_ == State::kUntilEnd) keep_alive_ = false;
  if (status_ >= 100 && status_ < 200) {
    const bool keep = keep_body;
    clear();  // what follows is the answer
    keep_body = keep;
  } else if (status_ == 204 || status_ == 304) {
    state_ = State::kDone;
    keep_alive_ = persistent;
  }
}

std::size_t ResponseReader::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !done() && !failed()) {
    const std::string_view rest = bytes.substr(taken);
    if (state_ == State::kLength || state_ == State::kChunk) {
      const std::size_t part =
          static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), left_));
      if (keep_body) body_.append(rest.substr(0, part));
      left_ -= part;
      taken += part;
      if (left_ == 0) state_ = state_ == State::kLength ? State::kDone : State::kChunkEnd;
    } else if (state_ == State::kUntilEnd) {
      if (keep_body) body_.append(rest);
      taken = bytes.size();
    } else {
      taken += take_line(rest);
    }
  }
  return taken;
}

HttpClient::HttpClient(EventLoop& loop, ServerAddress address)
    : loop_(loop), address_(std::move(address)) {}

HttpClient::~HttpClient() { drop(); }

void HttpClient::drop() {
  if (!stream_ && !socket_.open()) return;
  loop_.unwatch(descriptor());
  socket_.close();
  stream_.reset();
  reused_ = watched_write_ = false;
}

void HttpClient::watch(bool write) {
  if (write == watched_write_) return;
  watched_write_ = write;
  if (!loop_.watch(descriptor(), *this, true, write).ok()) finish(0);
}

void HttpClient::send(std::string_view request, Done done) {
  done_ = std::move(done);
  request_ = unsent_ = request;
  reader_.clear();
  reader_.keep_body = keep_body;
  if (stream_) return write_more();
  failure_.clear();
  auto socket = connect_to(address_);
  if (!socket.ok()) return finish(0);
  socket_ = std::move(*socket);
  watched_write_ = true;
  if (!loop_.watch(descriptor(), *this, true, true).ok()) finish(0);
}

void HttpClient::write_more() {
  while (!unsent_.empty()) {
    const IoResult sent = stream_->write(unsent_, {});
    // A handshake waits for what it reads: that the socket can be written says nothing.
    if (sent.outcome == IoOutcome::kWouldBlock) {
      return watch(!stream_->secure() || stream_->wants_write());
    }
    if (sent.outcome != IoOutcome::kDone) return finish(0);
    unsent_.remove_prefix(sent.bytes);
  }
  watch(false);
}

void HttpClient::read_more() {
  static thread_local std::array<std::byte, 64u << 10> buffer;
  do {
    const IoResult got = stream_->read(buffer);
    if (got.outcome == IoOutcome::kWouldBlock) return;
    if (got.outcome != IoOutcome::kDone) {
      if (done_ == nullptr) return drop();  // an idle connection that the server closed
      reader_.end();
      return finish(reader_.done() ? reader_.status() : 0);
    }
    reader_.take({reinterpret_cast<const char*>(buffer.data()), got.bytes});
    if (reader_.failed()) return finish(0);
    if (reader_.done()) return finish(reader_.status());
  } while (stream_->holds_input());
}

void HttpClient::connected_now() {
  if (!connected(socket_, address_).ok()) return finish(0);
  if (auto peer = peer_of(socket_); peer.ok())
    static_cast<NetAddress&>(address_) = std::move(*peer);
  stream_ = address_.trust ? address_.trust->connect(std::move(socket_), address_.name)
                           : plain_stream(std::move(socket_));
  if (!stream_) finish(0);
}

void HttpClient::ready(Readiness readiness) {
  if (!stream_) connected_now();
  if (!stream_) return;
  if (!unsent_.empty() && (readiness.write || stream_->secure())) {
    write_more();
  } else if (readiness.write) {
    watch(false);
  }
  if (stream_ && (readiness.read || readiness.gone)) read_more();
}

void HttpClient::finish(int status) {
  // A server may close a connection between two requests; the second then goes over a new one.
  const bool stale = status == 0 && reused_ && reader_.status() == 0;
  // A server that refuses a body half-way has answered; the rest of it would be the next request.
  if (status == 0 || !reader_.keep_alive() || !unsent_.empty()) {
    if (stream_) failure_ = stream_->failure();
    drop();
  } else {
    reused_ = true;
  }
  if (stale) return send(request_, std::move(done_));
  if (const Done done = std::exchange(done_, nullptr)) done(status, reader_.body());
}

Result<HttpAnswer> ask_http(const ServerAddress& address, const std::string& request,
                            Duration time) {
  TENBIN_TRY(const std::unique_ptr<EventLoop> loop, EventLoop::create());
  HttpClient client(*loop, address);
  std::optional<HttpAnswer> answer;
  client.send(request, [&](int status, std::string_view body) {
    answer = HttpAnswer{status, std::string(body), client.address()};
    loop->stop();
  });
  loop->start_timer(real_clock().steady_now() + time, [&] { loop->stop(); });
  loop->run();
  if (answer && answer->status != 0) return std::move(*answer);
  if (!client.failure().empty()) {
    return Error(ErrorCode::kNetwork, client.failure(), to_text(address),
                 "does it speak TLS there, and is its certificate's file given?");
  }
  return Error(ErrorCode::kNetwork, answer ? "no connection, or it was lost" : "no answer in time",
               to_text(address), "is the server running there?");
}

std::string http_request(std::string_view method, std::string_view path, const NetAddress& address,
                         std::string_view headers, std::string_view body) {
  std::string out(method);
  out += ' ';
  out += path;
  out += " HTTP/1.1\r\nHost: " + to_text(address) + "\r\n";
  out += headers;
  if (!body.empty() || method == "POST") {
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  out += "\r\n";
  out += body;
  return out;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "platform/http2/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <unordered_map>
#include <utility>

#include "base/limits.h"

namespace tenbin {
namespace {

constexpr std::uint32_t kStreams = 100;
constexpr std::int32_t kStreamWindow = 64 << 10, kConnectionWindow = 1 << 20;  // [B]
constexpr std::uint32_t kHeaderTable = 4096;                                   // [B]
constexpr Duration kWindow = 10s;  // in which the following are counted
constexpr int kResets = 200, kSettings = 100, kPings = 100, kEmptyData = 100, kPriorities = 1000;
constexpr int kWindowUpdates = 1000;
constexpr std::size_t kSmallMessage = 64;  // [B]
constexpr std::size_t kUnread = 256 << 10;  // [B] of answers: above it the client has to read first

struct FreeSession {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};
struct FreeCallbacks {
  void operator()(nghttp2_session_callbacks* callbacks) const {
    nghttp2_session_callbacks_del(callbacks);
  }
};
struct FreeOption {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};

// Frames of one kind within a window of time.
struct FrameCount {
  int most = 0, count = 0;
  Duration since{};
  bool too_many(Duration now) {
    if (now - since > kWindow) {
      since = now;
      count = 0;
    }
    return ++count > most;
  }
  void give_back(int frames) { count = std::max(0, count - frames); }
};

struct Http2Stream {
  Http2Fields fields;
  std::size_t header_bytes = 0;
  std::deque<std::string> out;
  std::size_t sent = 0;       // of out.front()
  std::size_t unsent = 0;     // [B] in out
  std::size_t kept_shut = 0;  // [B] taken that the client's window was not widened by
  bool answered = false, ending = false, deferred = false;
  bool ended = false;  // the request came whole
  bool sent_all = false, held = false;
  Http2Fields trailers;
};

nghttp2_nv pair_of(const std::pair<std::string, std::string>& field) {
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(field.first), bytes(field.second), field.first.size(), field.second.size(),
          NGHTTP2_NV_FLAG_NONE};
}

std::vector<nghttp2_nv> pairs_of(const Http2Fields& fields) {
  std::vector<nghttp2_nv> out;
  out.reserve(fields.size());
  for (const auto& field : fields) out.push_back(pair_of(field));
  return out;
}

class NgHttp2Session final : public Http2Session {
 public:
  explicit NgHttp2Session(Http2Events& events) : events_(events) {}

  Status open() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) return no_memory();
    const std::unique_ptr<nghttp2_session_callbacks, FreeCallbacks> callbacks(made);
    set_callbacks(made);
    nghttp2_option* options = nullptr;
    if (nghttp2_option_new(&options) != 0) return no_memory();
    const std::unique_ptr<nghttp2_option, FreeOption> option(options);
    nghttp2_option_set_max_settings(options, 32);
    nghttp2_option_set_max_outbound_ack(options, 100);
    nghttp2_option_set_no_auto_window_update(options, 1);
    nghttp2_session* session = nullptr;
    if (nghttp2_session_server_new2(&session, made, this, options) != 0) return no_memory();
    session_.reset(session);
    const std::array<nghttp2_settings_entry, 4> settings = {{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kStreams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, kHeaderTable},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits::kHeaderBytes)},
    }};
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
    return {};
  }

  bool take(std::string_view bytes, Duration now) override {
    now_ = now;
    if (must_calm_down_) calm_down();
    while (!bytes.empty()) {
      const auto used = nghttp2_session_mem_recv(
          session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      // The connection's own errors have told the other side already, by GOAWAY; these have not.
      if (used == NGHTTP2_ERR_FLOODED || used == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS) calm_down();
      if (used < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(used));
    }
    return !broken_;
  }

  std::string_view next_output() override {
    const std::uint8_t* data = nullptr;
    const auto size = nghttp2_session_mem_send(session_.get(), &data);
    if (size <= 0) return {};
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
  }

  bool finished() const override {
    return nghttp2_session_want_read(session_.get()) == 0 &&
           nghttp2_session_want_write(session_.get()) == 0;
  }

  void respond(std::int32_t stream, const Http2Fields& fields, bool last) override {
    Http2Stream* found = find(stream);
    if (found == nullptr || found->answered) return;
    found->answered = true;
    found->ending = last;
    const std::vector<nghttp2_nv> pairs = pairs_of(fields);
    nghttp2_data_provider provider{};
    provider.read_callback = &NgHttp2Session::give_data;
    nghttp2_submit_response(session_.get(), stream, pairs.data(), pairs.size(),
                            last ? nullptr : &provider);
  }

  void send(std::int32_t stream, std::string piece) override {
    Http2Stream* found = find(stream);
    if (found == nullptr || piece.empty()) return;
    found->unsent += piece.size();
    unsent_ += piece.size();
    found->out.push_back(std::move(piece));
    resume(stream, *found);
  }

  void finish(std::int32_t stream, const Http2Fields& trailers) override {
    Http2Stream* found = find(stream);
    if (found == nullptr) return;
    found->ending = true;
    found->trailers = trailers;
    resume(stream, *found);
  }

  void reset(std::int32_t stream) override {
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream, NGHTTP2_ENHANCE_YOUR_CALM);
  }

  void hold(std::int32_t stream, bool held) override {
    Http2Stream* found = find(stream);
    if (found == nullptr) return;
    found->held = held;
    widen(stream, *found);
  }

  void ping() override { nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr); }

  void go_away() override {
    nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR,
                          nullptr, 0);
  }

  std::size_t open_streams() const override { return streams_.size(); }
  std::size_t unsent() const override { return unsent_; }

 private:
  static Error no_memory() { return Error(ErrorCode::kNetwork, "no memory for a connection"); }
  static NgHttp2Session& self(void* data) { return *static_cast<NgHttp2Session*>(data); }

  static void set_callbacks(nghttp2_session_callbacks* callbacks) {
    nghttp2_session_callbacks_set_on_begin_frame_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame_hd* head, void* data) {
          return self(data).begin_frame(*head);
        });
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* data) {
          return self(data).begin_headers(*frame);
        });
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* data) {
          return self(data).header(*frame, {reinterpret_cast<const char*>(name), name_size},
                                   {reinterpret_cast<const char*>(value), value_size});
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* data) {
          return self(data).frame(*frame);
        });
    nghttp2_session_callbacks_set_on_frame_send_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* data) {
          return self(data).sent(*frame);
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t stream,
                      const std::uint8_t* bytes, std::size_t size, void* data) {
          return self(data).chunk(stream, {reinterpret_cast<const char*>(bytes), size});
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session*, std::int32_t stream, std::uint32_t, void* data) {
          return self(data).close(stream);
        });
  }

  Http2Stream* find(std::int32_t stream) {
    const auto found = streams_.find(stream);
    return found == streams_.end() ? nullptr : &found->second;
  }

  // A client that opens a stream closes those with smaller numbers that it never opened; opening
  // one of them later is its error (RFC 9113, 5.1.1), which the library lets pass.
  int begin_frame(const nghttp2_frame_hd& head) {
    if (head.type != NGHTTP2_HEADERS || head.stream_id % 2 == 0) return 0;
    if (head.stream_id > newest_) {
      if (head.stream_id > newest_ + 2) skipped_.emplace_back(newest_ + 2, head.stream_id - 2);
      if (skipped_.size() > kStreams) skipped_.pop_front();
      newest_ = head.stream_id;
      return 0;
    }
    for (const auto& [first, last] : skipped_) {
      if (head.stream_id < first || head.stream_id > last) continue;
      broken_ = true;
      nghttp2_session_terminate_session(session_.get(), NGHTTP2_PROTOCOL_ERROR);
      return 0;
    }
    return 0;
  }

  int begin_headers(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
      streams_[frame.hd.stream_id];
    }
    return 0;
  }

  int header(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
    Http2Stream* stream = find(frame.hd.stream_id);
    if (stream == nullptr || frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    stream->header_bytes += name.size() + value.size() + 32;
    if (stream->header_bytes > limits::kHeaderBytes ||
        stream->fields.size() >= limits::kHeaderFields + 4) {
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // resets the stream
    }
    stream->fields.emplace_back(name, value);
    return 0;
  }

  // Ends the connection: the other side does nothing but keep us busy.
  int calm_down() {
    broken_ = true;
    nghttp2_session_terminate_session(session_.get(), NGHTTP2_ENHANCE_YOUR_CALM);
    return 0;
  }

  int frame(const nghttp2_frame& frame) {
    const bool last = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame.hd.type) {
      case NGHTTP2_HEADERS: return request_headers(frame, last);
      case NGHTTP2_DATA:
        if (frame.hd.length == 0 && !last && empty_data_.too_many(now_)) return calm_down();
        if (last) end_of_request(frame.hd.stream_id);
        return 0;
      case NGHTTP2_RST_STREAM: return resets_.too_many(now_) ? calm_down() : 0;
      case NGHTTP2_SETTINGS: return settings_.too_many(now_) ? calm_down() : 0;
      case NGHTTP2_PING: return pings_.too_many(now_) ? calm_down() : 0;
      case NGHTTP2_PRIORITY: return priorities_.too_many(now_) ? calm_down() : 0;
      case NGHTTP2_WINDOW_UPDATE: return window_updates_.too_many(now_) ? calm_down() : 0;
      default: return 0;
    }
  }

  // Told of each frame as it leaves.
  int sent(const nghttp2_frame& frame) {
    switch (frame.hd.type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA:
        pings_.give_back(1);
        // Of the stream and of the connection; and clients of gRPC widen both by each message that
        // they take, many of which come in one frame.
        window_updates_.give_back(2 + 2 * static_cast<int>(frame.hd.length / kSmallMessage));
        if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) answered(frame.hd.stream_id);
        return 0;
      case NGHTTP2_RST_STREAM:
        // Work that is begun and thrown away by making us reset costs the same (CVE-2025-8671).
        if (frame.rst_stream.error_code == NGHTTP2_PROTOCOL_ERROR ||
            frame.rst_stream.error_code == NGHTTP2_FLOW_CONTROL_ERROR ||
            frame.rst_stream.error_code == NGHTTP2_STREAM_CLOSED ||
            frame.rst_stream.error_code == NGHTTP2_FRAME_SIZE_ERROR) {
          must_calm_down_ = must_calm_down_ || resets_.too_many(now_);
        }
        return 0;
      default: return 0;
    }
  }

  void answered(std::int32_t id) {
    Http2Stream* stream = find(id);
    if (stream == nullptr) return;
    stream->sent_all = true;
    if (stream->ended) return;
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
  }

  int request_headers(const nghttp2_frame& frame, bool last) {
    Http2Stream* stream = find(frame.hd.stream_id);
    if (stream == nullptr) return 0;
    if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) {  // trailers end the body
      if (last) end_of_request(frame.hd.stream_id);
      return 0;
    }
    if (!events_.headers(frame.hd.stream_id, std::move(stream->fields), last)) {
      nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, frame.hd.stream_id,
                                NGHTTP2_REFUSED_STREAM);
      return 0;
    }
    if (last) end_of_request(frame.hd.stream_id);
    return 0;
  }

  void end_of_request(std::int32_t id) {
    if (Http2Stream* stream = find(id)) stream->ended = true;
    events_.last(id);
  }

  int chunk(std::int32_t id, std::string_view piece) {
    const bool wanted = find(id) == nullptr || events_.data(id, piece);
    nghttp2_session_consume_connection(session_.get(), piece.size());
    if (!wanted) {
      nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
      return 0;
    }
    Http2Stream* stream = find(id);
    if (stream == nullptr) return 0;
    stream->kept_shut += piece.size();
    widen(id, *stream);
    return 0;
  }

  // Lets the client send as much as was taken, unless it has to wait.
  void widen(std::int32_t id, Http2Stream& stream) {
    if (stream.kept_shut == 0 || stream.held || stream.unsent > kUnread) return;
    nghttp2_session_consume_stream(session_.get(), id, std::exchange(stream.kept_shut, 0));
  }

  int close(std::int32_t id) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return 0;
    const bool whole = found->second.sent_all;
    unsent_ -= found->second.unsent;
    streams_.erase(found);
    events_.closed(id, !whole);
    return 0;
  }

  void resume(std::int32_t id, Http2Stream& stream) {
    if (!stream.deferred) return;
    stream.deferred = false;
    nghttp2_session_resume_data(session_.get(), id);
  }

  // Bytes of the answer that were put into `into`.
  std::size_t fill(std::int32_t id, Http2Stream& stream, std::uint8_t* into, std::size_t room) {
    std::size_t given = 0;
    while (given < room && !stream.out.empty()) {
      const std::string& front = stream.out.front();
      const std::size_t part = std::min(room - given, front.size() - stream.sent);
      std::memcpy(into + given, front.data() + stream.sent, part);
      given += part;
      stream.sent += part;
      if (stream.sent < front.size()) continue;
      stream.out.pop_front();
      stream.sent = 0;
    }
    stream.unsent -= given;
    unsent_ -= given;
    widen(id, stream);
    return given;
  }

  static ssize_t give_data(nghttp2_session* session, std::int32_t id, std::uint8_t* into,
                           std::size_t room, std::uint32_t* flags, nghttp2_data_source*,
                           void* data) {
    Http2Stream* stream = self(data).find(id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::size_t given = self(data).fill(id, *stream, into, room);
    if (!stream->out.empty()) return static_cast<ssize_t>(given);
    if (!stream->ending) {
      if (given > 0) return static_cast<ssize_t>(given);
      stream->deferred = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!stream->trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const std::vector<nghttp2_nv> pairs = pairs_of(stream->trailers);
      nghttp2_submit_trailer(session, id, pairs.data(), pairs.size());
    }
    return static_cast<ssize_t>(given);
  }

  Http2Events& events_;
  std::unique_ptr<nghttp2_session, FreeSession> session_;
  std::unordered_map<std::int32_t, Http2Stream> streams_;
  Duration now_{};
  FrameCount resets_{kResets}, settings_{kSettings}, pings_{kPings}, empty_data_{kEmptyData},
      priorities_{kPriorities}, window_updates_{kWindowUpdates};
  std::size_t unsent_ = 0;                                     // [B] of all streams
  std::int32_t newest_ = -1;                                   // stream that a client opened
  std::deque<std::pair<std::int32_t, std::int32_t>> skipped_;  // streams that it never will
  bool broken_ = false, must_calm_down_ = false;
};

}  // namespace

Result<std::unique_ptr<Http2Session>> Http2Session::create(Http2Events& events) {
  auto session = std::make_unique<NgHttp2Session>(events);
  TENBIN_CHECK(session->open());
  return std::unique_ptr<Http2Session>(std::move(session));
}

}  // namespace tenbin

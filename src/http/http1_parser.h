// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenbin {

// Why a request cannot be taken: the status to answer with, and what to tell.
struct HttpRefusal {
  int status = 400;  // 0: what speaks there is not HTTP, close without a word
  std::string message;
};

// The head of a request: request line and headers, as views of the bytes that were read.
struct Http1Head {
  std::string_view method;
  std::string_view path, query;  // of the target, as they came
  int minor = 1;                 // HTTP/1.minor
  std::vector<std::pair<std::string_view, std::string_view>> headers;  // names as they came
  std::int64_t content_length = 0;                                     // [B]
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

// Reads a head from bytes that end with its empty line. Strict where servers and proxies are known
// to differ, so that no two of them can see two different requests: a bare CR or LF, a line that
// goes on with a space, a space before the colon, two lengths, a length beside a transfer coding,
// a number that is not of digits alone, and control characters are all refused. (RFC 9112)
std::optional<HttpRefusal> parse_head(std::string_view bytes, Http1Head& head);

// Where the head ends (behind its empty line), if it is whole; looks from `from` on. Bare line
// feeds count, so that a head that parse_head refuses is found at once.
std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t from);

// Takes the body of a chunked request piece by piece.
class ChunkedBody {
 public:
  explicit ChunkedBody(std::int64_t most) : most_(most) {}
  // Appends what `bytes` hold of the body to `into`; returns how many bytes were taken. Take again
  // with what follows until done().
  std::size_t take(std::string_view bytes, std::string& into);
  bool done() const { return state_ == State::kDone; }
  const std::optional<HttpRefusal>& refusal() const { return refusal_; }

 private:
  enum class State { kSize, kData, kDataEnd, kTrailer, kDone };
  void take_size(std::string_view line);
  void take_trailer(std::string_view line);
  void refuse(int status, std::string message);

  std::int64_t most_, left_ = 0, total_ = 0;
  std::size_t trailers_ = 0;  // [B]
  State state_ = State::kSize;
  std::string line_;  // without its end
  std::optional<HttpRefusal> refusal_;
};

// "200 OK", "503 Service Unavailable".
std::string_view reason_phrase(int status);

}  // namespace tenbin

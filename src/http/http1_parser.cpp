// SPDX-License-Identifier: Apache-2.0
#include "http/http1_parser.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"

namespace tenbin {
namespace {

bool is_token_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}
bool is_visible(char c) { return c > 0x20 && c < 0x7f; }

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; };
    return lower(x) == lower(y);
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Digits alone, at most 18 of them: no sign, no space, no overflow.
std::optional<std::int64_t> number_of(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text[0] == '-') {
    return std::nullopt;
  }
  return value;
}

using Refused = std::optional<HttpRefusal>;
HttpRefusal bad(std::string message) { return {400, std::move(message)}; }

// The next line without its CRLF; refuses a CR or LF that stands alone.
Refused take_line(std::string_view& rest, std::string_view& line) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return bad("a line has no end");
  if (end == 0 || rest[end - 1] != '\r') return bad("a line ends with a bare line feed");
  line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  if (line.find('\r') != std::string_view::npos) return bad("a carriage return inside a line");
  return std::nullopt;
}

Refused take_target(std::string_view target, Http1Head& head) {
  for (const char c : target) {
    if (!is_visible(c)) return bad("the target holds a character that must be percent-encoded");
  }
  // A proxy's form, http://host/path: the path is what counts, Host says the rest.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() && same(target.substr(0, scheme.size()), scheme)) {
      const std::size_t slash = target.find('/', scheme.size());
      target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
      break;
    }
  }
  if (target == "*" && head.method == "OPTIONS") {
    head.path = target;
    return std::nullopt;
  }
  if (target.empty() || target.front() != '/') return bad("the target does not begin with '/'");
  if (target.find('#') != std::string_view::npos) return bad("the target holds a fragment ('#')");
  const std::size_t question = target.find('?');
  head.path = target.substr(0, question);
  if (question != std::string_view::npos) head.query = target.substr(question + 1);
  return std::nullopt;
}

Refused take_request_line(std::string_view line, Http1Head& head) {
  if (line.find("HTTP/") == std::string_view::npos) return HttpRefusal{0, "this is not HTTP"};
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return bad("the request line is not 'METHOD TARGET HTTP/1.1'");
  }
  head.method = line.substr(0, first);
  if (!is_token(head.method)) return bad("the method is not a token");
  const std::string_view version = line.substr(last + 1);
  if (version.size() != 8 || version.substr(0, 5) != "HTTP/") return bad("no HTTP version");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return HttpRefusal{505, "this version of HTTP is not spoken here: expected HTTP/1.1 or HTTP/2"};
  }
  head.minor = version.back() - '0';
  return take_target(line.substr(first + 1, last - first - 1), head);
}

Refused take_header(std::string_view line, Http1Head& head) {
  if (line.front() == ' ' || line.front() == '\t') return bad("a header goes on in a second line");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bad("a header has no colon");
  const std::string_view name = line.substr(0, colon);
  if (!is_token(name)) return bad("the name of a header is not a token");
  const std::string_view value = trimmed(line.substr(colon + 1));
  for (const char c : value) {
    const auto u = static_cast<unsigned char>(c);
    if ((u < 0x20 && c != '\t') || u == 0x7f) return bad("a header holds a control character");
  }
  if (head.headers.size() == limits::kHeaderFields) {
    return HttpRefusal{431, "more than " + std::to_string(limits::kHeaderFields) + " headers"};
  }
  head.headers.emplace_back(name, value);
  return std::nullopt;
}

// What the headers say about where the request ends.
struct Framing {
  int hosts = 0, lengths = 0, codings = 0;
  std::string_view length, coding;
};

Refused note_header(std::string_view name, std::string_view value, Http1Head& head, Framing& f) {
  if (same(name, "host")) {
    if (++f.hosts > 1) return bad("two Host headers");
  } else if (same(name, "content-length")) {
    ++f.lengths;
    f.length = value;
  } else if (same(name, "transfer-encoding")) {
    ++f.codings;
    f.coding = value;
  } else if (same(name, "connection")) {
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      const std::string_view option = trimmed(rest.substr(0, comma));
      if (same(option, "close")) head.keep_alive = false;
      if (same(option, "keep-alive") && head.minor == 0) head.keep_alive = true;
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  } else if (same(name, "expect")) {
    if (!same(value, "100-continue")) {
      return HttpRefusal{417, "only 100-continue can be expected here"};
    }
    head.expects_continue = head.minor == 1;
  }
  return std::nullopt;
}

Refused settle_framing(const Framing& f, Http1Head& head) {
  if (f.hosts == 0 && head.minor == 1) return bad("no Host header");
  if (f.lengths > 1) return bad("two Content-Length headers");
  if (f.codings > 1) return bad("two Transfer-Encoding headers");
  if (f.lengths == 1 && f.codings == 1) return bad("both Content-Length and Transfer-Encoding");
  if (f.codings == 1) {
    if (head.minor == 0) return bad("Transfer-Encoding in HTTP/1.0");
    if (!same(f.coding, "chunked")) {
      return HttpRefusal{501, "the only transfer coding known here is chunked"};
    }
    head.chunked = true;
  }
  if (f.lengths == 1) {
    const auto length = number_of(f.length);
    if (!length) return bad("Content-Length is not a number of bytes");
    head.content_length = *length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t from) {
  // Back far enough to see an empty line that began before.
  std::size_t at = from > 2 ? from - 2 : 0;
  while ((at = bytes.find('\n', at)) != std::string_view::npos) {
    std::size_t next = at + 1;
    if (next < bytes.size() && bytes[next] == '\r') ++next;
    if (next < bytes.size() && bytes[next] == '\n') return next + 1;
    ++at;
  }
  return std::nullopt;
}

Refused parse_head(std::string_view bytes, Http1Head& head) {
  head = Http1Head();
  std::string_view line;
  if (Refused refused = take_line(bytes, line)) return refused;
  if (line.size() > limits::kRequestLineBytes) {
    return HttpRefusal{414, "the request line is longer than 8 KiB"};
  }
  if (Refused refused = take_request_line(line, head)) return refused;
  if (bytes.find('\0') != std::string_view::npos) return bad("the head holds a NUL");
  head.keep_alive = head.minor == 1;
  for (;;) {
    if (Refused refused = take_line(bytes, line)) return refused;
    if (line.empty()) break;
    if (Refused refused = take_header(line, head)) return refused;
  }
  Framing framing;
  for (const auto& [name, value] : head.headers) {
    if (Refused refused = note_header(name, value, head, framing)) return refused;
  }
  return settle_framing(framing, head);
}

void ChunkedBody::refuse(int status, std::string message) {
  refusal_ = HttpRefusal{status, std::move(message)};
  state_ = State::kDone;
}

void ChunkedBody::take_size(std::string_view line) {
  const std::size_t semicolon = line.find(';');
  const std::string_view digits = line.substr(0, semicolon);
  std::int64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || digits.empty() || digits[0] == '-' || digits.size() > 15) {
    return refuse(400, "the size of a chunk is not a hexadecimal number");
  }
  for (const char c : line) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
      return refuse(400, "a chunk extension holds a control character");
    }
  }
  if (size > most_ - total_) return refuse(413, "the body is larger than its limit");
  total_ += size;
  left_ = size;
  state_ = size == 0 ? State::kTrailer : State::kData;
}

void ChunkedBody::take_trailer(std::string_view line) {
  if (line.empty()) {
    state_ = State::kDone;
    return;
  }
  trailers_ += line.size() + 2;
  Http1Head unused;
  if (trailers_ > limits::kHeaderBytes) return refuse(431, "the trailers are too long");
  if (take_header(line, unused)) refuse(400, "a trailer is not a header line");
}

std::size_t ChunkedBody::take(std::string_view bytes, std::string& into) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ != State::kDone) {
    if (state_ == State::kData) {
      const auto part =
          std::min<std::size_t>(bytes.size() - taken, static_cast<std::size_t>(left_));
      into.append(bytes.substr(taken, part));
      taken += part;
      left_ -= static_cast<std::int64_t>(part);
      if (left_ == 0) state_ = State::kDataEnd;
      continue;
    }
    const char c = bytes[taken++];
    if (c != '\n') {
      const std::size_t most =
          state_ == State::kSize ? limits::kChunkExtensionBytes : limits::kRequestLineBytes;
      if (line_.size() > most) refuse(400, "the line of a chunk is too long");
      line_ += c;
      continue;
    }
    if (line_.empty() || line_.back() != '\r') {
      refuse(400, "a chunk ends with a bare line feed");
      break;
    }
    line_.pop_back();
    std::string line;
    line.swap(line_);
    if (line.find('\r') != std::string::npos) {
      refuse(400, "a carriage return inside a line");
    } else if (state_ == State::kSize) {
      take_size(line);
    } else if (state_ == State::kTrailer) {
      take_trailer(line);
    } else if (!line.empty()) {
      refuse(400, "a chunk is longer than its size says");
    } else {
      state_ = State::kSize;
    }
  }
  return taken;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 499: return "Client Closed Request";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

}  // namespace tenbin

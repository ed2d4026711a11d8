// SPDX-License-Identifier: Apache-2.0
// Heads, chunked bodies and responses of HTTP/1.1. What is taken obeys the parser's own promises,
// and however the bytes are cut, the outcome is the same.
#include <cstdint>
#include <string>

#include "base/limits.h"
#include "http/http1_parser.h"
#include "platform/net/http_client.h"

namespace {

void demand(bool holds) {
  if (!holds) __builtin_trap();
}

void head(std::string_view bytes) {
  const auto end = tenbin::find_head_end(bytes, 0);
  if (!end) return;
  demand(*end <= bytes.size());
  tenbin::Http1Head head;
  if (tenbin::parse_head(bytes.substr(0, *end), head)) return;
  demand(!head.method.empty() && !head.path.empty());
  demand(head.headers.size() <= tenbin::limits::kHeaderFields);
  demand(!(head.chunked && head.content_length > 0));
  for (const auto& [name, value] : head.headers) {
    demand(!name.empty() && name.find_first_of(" \t\r\n:") == std::string_view::npos);
    demand(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
}

void chunks(std::string_view bytes) {
  std::string bodies[2];
  bool done[2] = {false, false};
  for (const std::size_t way : {0u, 1u}) {
    tenbin::ChunkedBody body(1 << 16);
    const std::size_t step = way == 0 ? bytes.size() + 1 : 3;
    for (std::size_t at = 0; at < bytes.size() && !body.done();) {
      const std::size_t used = body.take(bytes.substr(at, step), bodies[way]);
      demand(used > 0);
      at += used;
    }
    done[way] = body.done() && !body.refusal();
  }
  demand(done[0] == done[1]);
  if (done[0]) demand(bodies[0] == bodies[1]);
}

void response(std::string_view bytes) {
  tenbin::ResponseReader reader;
  for (std::size_t at = 0; at < bytes.size() && !reader.done() && !reader.failed();) {
    const std::size_t used = reader.take(bytes.substr(at, 7));
    demand(used > 0);
    at += used;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  head(bytes);
  chunks(bytes);
  response(bytes);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Any bytes are a connection: each stream is told in order, and every answer goes through. The
// first byte says in what pieces the rest comes, and what is answered.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

#include "platform/http2/http2_session.h"

namespace {

using namespace std::chrono_literals;

// Answers each request by its number, and checks the order in which it is told of it.
struct Answering final : tenbin::Http2Events {
  bool headers(std::int32_t stream, tenbin::Http2Fields fields, bool last) override {
    if (open.contains(stream) || fields.empty()) __builtin_trap();
    open[stream] = false;
    if (!last && stream % 3 == 0) answer(stream);  // before its body
    return stream % 7 != 0;
  }
  bool data(std::int32_t stream, std::string_view piece) override {
    if (!open.contains(stream) || open[stream] || piece.empty()) __builtin_trap();
    if (stream % 5 == 0) session->hold(stream, true);
    return stream % 11 != 0;
  }
  void last(std::int32_t stream) override {
    if (!open.contains(stream) || open[stream]) __builtin_trap();
    open[stream] = true;
    if (stream % 3 != 0) answer(stream);
  }
  void closed(std::int32_t stream, bool /*reset*/) override { open.erase(stream); }
  void answer(std::int32_t stream) {
    session->respond(stream, {{":status", "200"}, {"a", "b"}}, stream % 2 == 0);
    session->send(stream, std::string(static_cast<std::size_t>(stream % 100) * 1000, 'x'));
    session->hold(stream, false);
    session->finish(stream, {{"grpc-status", "0"}});
  }
  tenbin::Http2Session* session = nullptr;
  std::map<std::int32_t, bool> open;  // whether its request has ended
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Answering events;
  auto session = tenbin::Http2Session::create(events);
  if (!session.ok()) return 0;
  events.session = session->get();
  const std::size_t step = data[0] == 0 ? size : data[0];
  std::string bytes;
  // Without the preface nothing is reached: it need not be found.
  if ((data[1] & 1u) != 0) {
    bytes = std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string("\0\0\0\4\0\0\0\0\0", 9);
  }
  bytes.append(reinterpret_cast<const char*>(data) + 2, size - 2);
  tenbin::Duration now = 1s;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    if (!(*session)->take(std::string_view(bytes).substr(at, step), now += 1ms)) break;
    while (!(*session)->next_output().empty()) {
    }
  }
  if ((*session)->open_streams() > 100 || (*session)->unsent() > 20'000'000) __builtin_trap();
  (*session)->go_away();
  while (!(*session)->next_output().empty()) {
  }
  return 0;
}

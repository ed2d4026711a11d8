// SPDX-License-Identifier: Apache-2.0
#include "http/pages.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

// Nothing but our own files, and nobody may frame them.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

void handle(HttpService& /*service*/, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  const std::string& path = exchange->request().path;
  const bool script = path == "/ui/live.js", style = path == "/ui/live.css";
  HttpResponse response;
  response.body = script ? live_js() : style ? live_css() : live_html();
  response.headers = {{"content-type", script  ? "text/javascript; charset=utf-8"
                                       : style ? "text/css; charset=utf-8"
                                               : "text/html; charset=utf-8"},
                      {"content-security-policy", kPolicy},
                      {"x-content-type-options", "nosniff"},
                      {"referrer-policy", "no-referrer"},
                      {"cross-origin-opener-policy", "same-origin"},
                      {"cross-origin-resource-policy", "same-origin"},
                      {"cache-control", "no-cache"}};
  exchange->answer(std::move(response));
}

}  // namespace

const RouteEntry& route_page() {
  static const RouteEntry entry{
      Role::kOpen, "GET", {"/", "/ui/live.js", "/ui/live.css"}, "The live page.", handle};
  return entry;
}

}  // namespace tenbin

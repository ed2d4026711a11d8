// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <optional>

#include "http/answers.h"
#include "http/grpc/grpc_status.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A part of a path, decoded once; nothing: it is not valid.
std::optional<std::string> decoded(std::string_view part) {
  if (part.find('%') == std::string_view::npos) return std::string(part);
  std::string out;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '%') {
      out += part[i];
      continue;
    }
    const int high = i + 2 < part.size() ? hex_digit(part[i + 1]) : -1;
    const int low = i + 2 < part.size() ? hex_digit(part[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

// Whether the path is the pattern, with anything for its parts in braces: `name` is called with
// what stands for each, and says whether it will do.
template <class F> bool matches(std::string_view pattern, std::string_view path, F&& name) {
  for (;;) {
    const std::size_t a = std::min(pattern.find('/', 1), pattern.size());
    const std::size_t b = std::min(path.find('/', 1), path.size());
    const std::string_view want = pattern.substr(0, a);
    const std::string_view have = path.substr(0, b);
    if (want.size() > 2 && want[1] == '{') {
      if (have.size() < 2 || !name(have.substr(1))) return false;
    } else if (want != have) {
      return false;
    }
    pattern.remove_prefix(a);
    path.remove_prefix(b);
    if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
  }
}

struct Found {
  const RouteEntry* route = nullptr;
  PathValues values;
  std::string allowed;  // methods of the path, if the one asked for is not among them
};

Found find_route(const HttpRequest& request) {
  Found found;
  std::string_view path = request.path;
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::string_view method =
      request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  const bool grpc = is_grpc(request);
  std::size_t fewest = 0;
  std::string_view best;
  for (const RouteEntry* entry : grpc ? grpc_catalogue() : route_catalogue()) {
    for (const std::string_view pattern : entry->paths) {
      std::size_t names = 0;
      if (!matches(pattern, path, [&names](std::string_view) { return ++names > 0; })) continue;
      if (entry->method == method) {
        // What is spelled out goes before what a name stands for: /v2/models/stats.
        if (found.route != nullptr && fewest <= names) continue;
        found.route = entry;
        fewest = names;
        best = pattern;
        continue;
      }
      if (found.allowed.find(entry->method) != std::string::npos) continue;
      found.allowed += (found.allowed.empty() ? "" : ", ") + std::string(entry->method);
    }
  }
  if (found.route == nullptr) return found;
  const bool valid = matches(best, path, [&found](std::string_view part) {
    auto value = decoded(part);
    if (value) found.values.push_back(std::move(*value));
    return value.has_value();
  });
  return valid ? found : Found{};
}

bool is_grpc_path(const HttpRequest& request) {
  const auto all = grpc_catalogue();
  return std::any_of(all.begin(), all.end(),
                     [&](const RouteEntry* entry) { return entry->paths.front() == request.path; });
}

HttpResponse not_found(const HttpRequest& request, const Found& found) {
  if (is_grpc(request)) {
    return grpc_failure(
        Error(ErrorCode::kNotOffered, "no such method '" + request.path + "' here"));
  }
  if (is_grpc_path(request)) {
    return json_response(
        415, Json::object(
                 {{"error", "found content type '" + std::string(request.header("content-type")) +
                                "' for a method of gRPC, expected application/grpc, "
                                "which needs HTTP/2"}}));
  }
  if (found.allowed.empty()) {
    return error_response(Error(ErrorCode::kUnknownRoute, "no such path '" + request.path + "'", "",
                                "GET /v2/openapi.json describes what is served"));
  }
  HttpResponse response = json_response(
      405, Json::object(
               {{"error", request.method + " is not allowed here, expected " + found.allowed}}));
  response.headers.emplace_back("allow", found.allowed);
  return response;
}

}  // namespace

Result<Duration> deadline_of(const HttpRequest& request, Duration arrived) {
  const std::string_view text = request.header("tenbin-timeout");
  if (text.empty()) return Duration::max();
  std::int64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc() || end != text.data() + text.size() || ms < 1 || ms > 86'400'000) {
    return Error(ErrorCode::kBadRequest,
                 "found '" + std::string(text) + "', expected milliseconds, 1 to 86400000",
                 "Tenbin-Timeout");
  }
  return arrived + std::chrono::milliseconds(ms);
}

namespace {

// What a browser asks for before a page of a named origin may send its request.
bool answered_preflight(const AccessRules& rules, const std::shared_ptr<Exchange>& exchange) {
  const HttpRequest& request = exchange->request();
  const std::string origin(request.header("origin"));
  if (std::find(rules.origins.begin(), rules.origins.end(), origin) == rules.origins.end()) {
    return false;
  }
  exchange->more_headers = {{"access-control-allow-origin", origin}, {"vary", "origin"}};
  if (request.method != "OPTIONS" || request.header("access-control-request-method").empty()) {
    return false;
  }
  HttpResponse response;
  response.status = 204;
  response.headers = {
      {"access-control-allow-methods", "GET, POST"},
      {"access-control-allow-headers",
       "authorization, content-type, inference-header-content-length, tenbin-timeout"},
      {"access-control-max-age", "600"}};
  exchange->answer(std::move(response));
  return true;
}

// Finds out who asks for what; false: the exchange has been answered with the reason why not.
bool find_match(const AccessRules& access, const std::shared_ptr<Exchange>& exchange) {
  if (exchange->match) return true;
  if (answered_preflight(access, exchange)) return false;
  const HttpRequest& request = exchange->request();
  Found found = find_route(request);
  // Whoever may see nothing learns nothing of what there is.
  auto who =
      admit(access, request, found.route != nullptr ? found.route->policy : Policy(Role::kOpen));
  if (!who.ok()) {
    exchange->answer(is_grpc(request) ? grpc_failure(who.error()) : error_response(who.error()));
    return false;
  }
  if (found.route == nullptr) {
    exchange->answer(not_found(request, found));
    return false;
  }
  exchange->match = {found.route, std::move(found.values), std::move(*who)};
  return true;
}

}  // namespace

HeadVerdict judge_head(const HttpService& service, const std::shared_ptr<Exchange>& exchange) {
  if (!find_match(service.access, exchange)) return HeadVerdict::kAnswered;
  return exchange->match->route->takes_pieces ? HeadVerdict::kTakePieces : HeadVerdict::kReadBody;
}

void route(HttpService& service, const std::shared_ptr<Exchange>& exchange) {
  if (!find_match(service.access, exchange)) return;
  const RouteMatch& match = *exchange->match;
  service.client = match.who;
  match.route->handle(service, exchange, match.values);
}

}  // namespace tenbin

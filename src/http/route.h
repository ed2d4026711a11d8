// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"

namespace tenbin {

struct HttpService;  // http/service.h: what the routes work with

// Who may use a route. On loopback, without `--auth on`, kOpen and kViewer need no token.
enum class Role {
  kPublic,  // liveness and readiness alone: nobody is asked, ever
  kOpen,    // inference, metrics, what can be looked at
  kAdmin,   // whatever changes something
};

// A role that must be given: it has no default, so that a route without one does not compile.
class Policy {
 public:
  Policy() = delete;
  constexpr Policy(Role role) : role_(role) {}  // NOLINT(google-explicit-constructor)
  constexpr Role role() const { return role_; }

 private:
  Role role_;
};

// Values of the parts of a path in braces, in their order.
using PathValues = std::vector<std::string>;

// The file of one route in http/routes/.
struct RouteEntry {
  Policy policy;
  std::string_view method;              // "GET"
  std::vector<std::string_view> paths;  // "/v2/models/{model}/infer"; {x} is one part, not empty
  std::string_view doc;                 // one line, for the OpenAPI description
  // Answers the exchange, now or later, exactly once.
  void (*handle)(HttpService& service, const std::shared_ptr<Exchange>& exchange,
                 const PathValues& values);
  // The body comes in pieces (Exchange::take_piece), the handler is called before them. HTTP/2
  // alone.
  bool takes_pieces = false;
};

// All routes of http/routes/ (written by the build).
std::span<const RouteEntry* const> route_catalogue();
// All methods of http/grpc/ (written by the build): routes whose bodies are gRPC messages.
std::span<const RouteEntry* const> grpc_catalogue();

}  // namespace tenbin

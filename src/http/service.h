// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/units.h"
#include "http/access.h"
#include "http/exchange.h"

namespace tenbin {

class Clock;
class Serving;
class ServeLane;

// What the routes of one loop work with. Belongs to the loop's thread.
struct HttpService {
  Serving& serving;
  ServeLane& lane;
  const AccessRules& access;
  Clock& clock;
  std::string client;  // who sent the request that is being handled: a token's name or an address
};

// The deadline that a request brings: Tenbin-Timeout, in ms; Duration::max(): none. Error
// kBadRequest.
Result<Duration> deadline_of(const HttpRequest& request, Duration arrived);

// Extensions of the Open Inference Protocol that are offered.
std::vector<std::string> extensions_of(const Serving& serving);

// Whether the request's route wants its body in pieces (RouteEntry::takes_pieces).
bool route_takes_pieces(const HttpRequest& request);

// Hands a request to its route, if its sender may use it; else answers with the reason.
void route(HttpService& service, const std::shared_ptr<Exchange>& exchange);

}  // namespace tenbin

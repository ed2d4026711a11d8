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

// What the head alone decides of a request whose body has not come: nobody sends us a body for
// nothing. Answers whoever may not use its route, and asks for none that there is.
HeadVerdict judge_head(const HttpService& service, const std::shared_ptr<Exchange>& exchange);

// Hands a request to its route, if its sender may use it; else answers with the reason.
void route(HttpService& service, const std::shared_ptr<Exchange>& exchange);

}  // namespace tenbin

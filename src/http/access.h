// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/exchange.h"
#include "http/route.h"

namespace tenbin {

class FileSystem;

// A token as it is kept: never itself, only its digest.
struct AccessToken {
  std::string name;    // of who holds it
  std::string digest;  // SHA-256 of the token, hex
  Role role = Role::kOpen;
};

// Who may do what.
struct AccessRules {
  bool loopback = true;  // only this machine reaches us: what is open needs no token
  bool always = false;   // tokens are asked for even so
  std::vector<AccessToken> tokens;
  std::vector<std::string> origins;  // of web pages that may read answers
  std::vector<std::string> hosts;    // names of ours, beside loopback's and `address`
  std::string address;               // that we listen at
};

// Who asks, if they may. Errors: kUnauthenticated (no token, or none of ours), kForbidden (a role
// too low, a page of another origin, a host that is not ours).
Result<std::string> admit(const AccessRules& rules, const HttpRequest& request, Policy policy);

// Lines "name role sha256-of-token", roles open and admin; '#' begins a comment. Errors kBadConfig
// with the line.
Result<std::vector<AccessToken>> read_tokens(FileSystem& files, const std::string& path);

// A new token of 256 random bits, and what is kept of it.
struct NewToken {
  std::string token;
  AccessToken kept;
};
NewToken make_token(const std::string& name, Role role);

}  // namespace tenbin

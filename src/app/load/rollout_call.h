// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"
#include "base/options.h"
#include "base/result.h"

namespace tenbin {

class FileSystem;

// What `tenbin rollout` is asked for.
struct RolloutOptions {
  std::string url, model;
  std::string canary, shadow, promote;  // versions; `promote` "auto": the canary, else the shadow
  double share = 0;                     // 0: 10 % of a canary, all of a shadow
  bool rollback = false, follow = false;
  std::string token_file, tls_trust;

  template <class Fields> static void describe(Fields& f) {
    f("canary", &RolloutOptions::canary, "Version that answers a share of the requests.");
    f("shadow", &RolloutOptions::shadow,
      "Version that computes them too, for comparison; its answers are not sent.");
    f("share", &RolloutOptions::share, "Of requests (0..1] [0: 0.1 of a canary, all of a shadow].");
    f("promote", &RolloutOptions::promote,
      "Version to answer all from now on; auto: the canary, else the shadow.");
    f("rollback", &RolloutOptions::rollback,
      "End canary and shadow; if there are none, back to the version before.");
    f("follow", &RolloutOptions::follow, "The newest version answers, as at the start.");
    f("token_file", &RolloutOptions::token_file, "File that holds the token to send.");
    f("tls_trust", &RolloutOptions::tls_trust,
      "PEM file of certificates to trust over https [the system's].");
  }
};

// Changes the rollout of a model of a running server, or only asks for it: tenbin.rollout/1. Errors
// kBadValue, kNetwork.
Result<Json> call_rollout(const RolloutOptions& options, FileSystem& files);

}  // namespace tenbin

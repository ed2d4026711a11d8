// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "serve/rollout.h"

namespace tenbin {

// The document tenbin.rollout/1 (docs/formats/serve.md).
Json rollout_json(const RolloutView& view);

// A change from what was sent: one of {"canary": {"version": "2", "share": 0.1}}, {"shadow":
// {...}},
// {"promote": true} or {"promote": "2"}, {"rollback": true}, {"follow": true}. Error kBadRequest.
Result<RolloutChange> read_rollout_change(const Json& body);

// The change that begins with "MODEL/VERSION" or "MODEL/VERSION=10%" (default 10 % of a canary, all
// of a shadow). Error kBadValue.
struct NamedRolloutChange {
  std::string model;
  RolloutChange change;
};
Result<NamedRolloutChange> parse_rollout_part(const std::string& text, RolloutChange::Kind kind);

// What outlives the server, and back. Error kBadConfig.
Json kept_rollout_json(const Rollout& rollout);
Result<Rollout> read_kept_rollout(const Json& kept, const std::string& path);

}  // namespace tenbin

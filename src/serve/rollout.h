// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace tenbin {

struct ShadowStats;

// How the requests of a model that name no version are spread over its versions.
struct Rollout {
  std::string stable;                 // who answers them
  bool follows = true;                // `stable` is the newest version that is loaded
  std::optional<std::string> before;  // who was stable before the last promotion
  std::optional<std::string> canary;  // answers `canary_share` of them
  double canary_share = 0;
  std::optional<std::string> shadow;  // computes `shadow_share` of them too, for comparison alone
  double shadow_share = 0;
};

struct RolloutChange {
  enum class Kind {
    kCanary,    // `version` answers `share`
    kShadow,    // `version` computes `share` too
    kPromote,   // the canary, else the shadow, or `version`, becomes the stable one
    kRollback,  // ends the canary and the shadow; without them: back to the version before
    kFollow,    // whatever version is newest, as at the start
  } kind = Kind::kFollow;
  std::string version;
  double share = 0;  // (0, 1]
};

// The rollout after a change. `versions`: those that are loaded, the newest first. Error kBadValue:
// what was found, what is there and what would do.
Result<Rollout> next_rollout(const Rollout& now, const RolloutChange& change,
                             const std::vector<std::string>& versions);

// What a version has done since it was looked at first.
struct VersionRecord {
  std::int64_t answered = 0;    // requests
  std::int64_t failed = 0;      // of those, by the model
  std::int64_t not_finite = 0;  // answers with NaN or infinity
  std::int64_t late = 0;        // answers after the SLO
};

// One of those who get a share, and what came of it since it began.
struct RolloutPart {
  std::string version;
  double share = 0;
  bool loaded = false;
  VersionRecord record;
};

// What can be looked at of a model's rollout.
struct RolloutView {
  std::string model, stable;
  bool follows = true;
  std::optional<std::string> before;
  std::vector<std::string> versions;  // that are loaded, the newest first
  VersionRecord stable_record;        // since the canary began
  std::optional<RolloutPart> canary, shadow;
  std::shared_ptr<ShadowStats> shadow_stats;  // null: there is no shadow
};

// Why the canary must end; nothing: it is not proven worse. It ends when its share of failures, of
// answers that are not finite, or of late ones is above the stable one's, at 95 % (two Wilson
// intervals that do not meet), so a handful of failures is enough and chance is not.
std::optional<std::string> judge_canary(const VersionRecord& canary, const VersionRecord& stable);

// Whether the turn's lot falls to those who get `share` of all turns, evenly spread: of ten at 0.3
// the 4th, 7th and 10th.
bool falls_to(std::uint64_t turn, double share);

}  // namespace tenbin

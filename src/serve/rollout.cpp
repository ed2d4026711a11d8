// SPDX-License-Identifier: Apache-2.0
#include "serve/rollout.h"

#include <algorithm>
#include <cmath>

#include "base/nearest_name.h"

namespace tenbin {
namespace {

Error no_such(const std::string& version, const std::vector<std::string>& versions) {
  return Error(ErrorCode::kBadValue, "version '" + version + "' is not loaded: " + one_of(versions),
               "version");
}

Result<Rollout> with_part(Rollout next, const RolloutChange& change,
                          const std::vector<std::string>& versions) {
  if (versions.size() < 2) {
    return Error(ErrorCode::kBadValue, "the model has one version, a rollout needs two", "version",
                 "keep them in folders of their numbers, MODEL/1/model.onnx, MODEL/2/model.onnx");
  }
  if (std::find(versions.begin(), versions.end(), change.version) == versions.end()) {
    return no_such(change.version, versions);
  }
  if (change.version == next.stable && next.follows) {
    // It answers because it is the newest, not because somebody chose it.
    next.stable = *std::find_if(versions.begin(), versions.end(), [&](const std::string& version) {
      return version != change.version;
    });
  }
  if (change.version == next.stable) {
    return Error(ErrorCode::kBadValue, "version '" + change.version + "' answers everybody already",
                 "version", "name another one: " + one_of(versions));
  }
  if (!(change.share > 0 && change.share <= 1)) {
    return Error(ErrorCode::kBadValue, "the share is not in (0, 1]", "share", "e.g. 0.1");
  }
  // Who answers now is held, whatever becomes newest.
  next.follows = false;
  if (change.kind == RolloutChange::Kind::kCanary) {
    next.canary = change.version;
    next.canary_share = change.share;
  } else {
    next.shadow = change.version;
    next.shadow_share = change.share;
  }
  return next;
}

void end_parts(Rollout& rollout) {
  rollout.canary.reset();
  rollout.shadow.reset();
  rollout.canary_share = rollout.shadow_share = 0;
}

Result<Rollout> promoted(Rollout next, const RolloutChange& change,
                         const std::vector<std::string>& versions) {
  std::optional<std::string> chosen = next.canary ? next.canary : next.shadow;
  if (!change.version.empty()) chosen = change.version;
  if (!chosen) {
    return Error(ErrorCode::kBadValue, "there is no canary and no shadow to promote", "promote",
                 "name a version: " + one_of(versions));
  }
  if (std::find(versions.begin(), versions.end(), *chosen) == versions.end()) {
    return no_such(*chosen, versions);
  }
  if (*chosen != next.stable) next.before = next.stable;
  next.stable = *chosen;
  next.follows = false;
  end_parts(next);
  return next;
}

Result<Rollout> rolled_back(Rollout next, const std::vector<std::string>& versions) {
  const bool had_parts = next.canary || next.shadow;
  end_parts(next);
  next.follows = false;
  if (had_parts) return next;
  const auto loaded = [&](const std::string& version) {
    return std::find(versions.begin(), versions.end(), version) != versions.end();
  };
  if (next.before && loaded(*next.before)) {
    next.stable = *next.before;
    next.before.reset();
    return next;
  }
  const auto at = std::find(versions.begin(), versions.end(), next.stable);
  if (at == versions.end() || at + 1 == versions.end()) {
    return Error(ErrorCode::kBadValue, "there is no version before '" + next.stable + "'",
                 "rollback", "loaded: " + one_of(versions));
  }
  next.stable = *(at + 1);
  next.before.reset();
  return next;
}

struct Interval {
  double low = 0, high = 1;
};

// 95 % (Wilson 1927).
Interval wilson(std::int64_t hits, std::int64_t all) {
  if (all == 0) return {};
  constexpr double kZ = 1.959964;
  const auto n = static_cast<double>(all);
  const double p = static_cast<double>(hits) / n;
  const double center = (p + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n)) / (1 + kZ * kZ / n);
  return {center - half, center + half};
}

std::string of(std::int64_t hits, std::int64_t all) {
  return std::to_string(hits) + " of " + std::to_string(all);
}

}  // namespace

Result<Rollout> next_rollout(const Rollout& now, const RolloutChange& change,
                             const std::vector<std::string>& versions) {
  switch (change.kind) {
    case RolloutChange::Kind::kCanary:
    case RolloutChange::Kind::kShadow: return with_part(now, change, versions);
    case RolloutChange::Kind::kPromote: return promoted(now, change, versions);
    case RolloutChange::Kind::kRollback: return rolled_back(now, versions);
    case RolloutChange::Kind::kFollow: break;
  }
  Rollout fresh;
  if (!versions.empty()) fresh.stable = versions.front();
  if (fresh.stable != now.stable) fresh.before = now.stable;
  return fresh;
}

std::optional<std::string> judge_canary(const VersionRecord& canary, const VersionRecord& stable) {
  struct Kind {
    std::int64_t VersionRecord::*count;
    const char* what;
  };
  static constexpr Kind kKinds[] = {{&VersionRecord::failed, "requests failed"},
                                    {&VersionRecord::not_finite, "answers were not finite"},
                                    {&VersionRecord::late, "answers were late"}};
  for (const Kind& kind : kKinds) {
    const std::int64_t bad = canary.*kind.count, other = stable.*kind.count;
    if (wilson(bad, canary.answered).low <= wilson(other, stable.answered).high) continue;
    return of(bad, canary.answered) + " " + kind.what + ", of the stable version " +
           of(other, stable.answered);
  }
  return std::nullopt;
}

bool falls_to(std::uint64_t turn, double share) {
  const auto t = static_cast<double>(turn);
  return std::floor((t + 1) * share) > std::floor(t * share);
}

}  // namespace tenbin

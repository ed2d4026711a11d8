// SPDX-License-Identifier: Apache-2.0
#include "app/serve/rollout_json.h"

#include "base/units.h"
#include "serve/shadow.h"

namespace tenbin {
namespace {

constexpr const char* kChanges =
    "expected one of canary, shadow, promote, rollback, follow, "
    "e.g. {\"canary\": {\"version\": \"2\", \"share\": 0.1}}";

Json record_json(const VersionRecord& record) {
  return Json::object({{"answered", record.answered},
                       {"failed", record.failed},
                       {"not_finite", record.not_finite},
                       {"late", record.late}});
}

Json text_or_null(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

Json shadow_json(const RolloutPart& part, const ShadowStats& s) {
  return Json::object({{"version", part.version},
                       {"share", part.share},
                       {"loaded", part.loaded},
                       {"compared", s.compared.load()},
                       {"failed", s.failed.load()},
                       {"left_out", s.left_out.load()},
                       {"labelled_rows", s.rows.load()},
                       {"same_label", s.same_label.load()},
                       {"largest_relative_difference", s.largest.load()}});
}

double default_share(RolloutChange::Kind kind) {
  return kind == RolloutChange::Kind::kCanary ? 0.1 : 1;
}

Result<RolloutChange> read_part(const Json& part, RolloutChange::Kind kind) {
  RolloutChange change;
  change.kind = kind;
  const Json& version = part["version"];
  if (!version.is_string() && !version.is_integer()) {
    return Error(ErrorCode::kBadRequest, "a rollout names its version",
                 kind == RolloutChange::Kind::kCanary ? "canary.version" : "shadow.version",
                 "e.g. {\"version\": \"2\", \"share\": 0.1}");
  }
  change.version = version.is_string() ? version.as_string() : std::to_string(version.as_integer());
  change.share = part["share"].as_number(default_share(kind));
  return change;
}

}  // namespace

Json rollout_json(const RolloutView& view) {
  Json out = Json::object({{"schema", "tenbin.rollout/1"},
                           {"model", view.model},
                           {"stable", view.stable},
                           {"follows_newest", view.follows},
                           {"before", text_or_null(view.before)},
                           {"versions", Json::array_of(view.versions)},
                           {"canary", nullptr},
                           {"shadow", nullptr}});
  if (view.canary) {
    Json canary = record_json(view.canary->record);
    canary.set("version", view.canary->version);
    canary.set("share", view.canary->share);
    canary.set("loaded", view.canary->loaded);
    out.set("canary", std::move(canary));
    out.set("stable_since", record_json(view.stable_record));
  }
  if (view.shadow && view.shadow_stats) {
    out.set("shadow", shadow_json(*view.shadow, *view.shadow_stats));
  }
  return out;
}

Result<RolloutChange> read_rollout_change(const Json& body) {
  using Kind = RolloutChange::Kind;
  if (!body.is_object() || body.members().size() != 1) {
    return Error(ErrorCode::kBadRequest, "a change of a rollout is an object of one member", "",
                 kChanges);
  }
  const auto& [name, value] = body.members().front();
  if (name == "canary") return read_part(value, Kind::kCanary);
  if (name == "shadow") return read_part(value, Kind::kShadow);
  RolloutChange change;
  if (name == "promote") {
    change.kind = Kind::kPromote;
    change.version = value.as_string();
  } else if (name == "rollback") {
    change.kind = Kind::kRollback;
  } else if (name != "follow") {
    return Error(ErrorCode::kBadRequest, "'" + name + "' is no change of a rollout", name,
                 kChanges);
  }
  const bool named = change.kind == Kind::kPromote && value.is_string();
  if (named || (value.is_bool() && value.as_bool())) return change;
  return Error(ErrorCode::kBadRequest, "found " + value.dump() + ", expected true", name);
}

Result<NamedRolloutChange> parse_rollout_part(const std::string& text, RolloutChange::Kind kind) {
  NamedRolloutChange out;
  out.change.kind = kind;
  out.change.share = default_share(kind);
  const std::size_t equals = text.find('=');
  const std::string whom = text.substr(0, equals);
  const std::size_t slash = whom.rfind('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == whom.size()) {
    return Error(ErrorCode::kBadValue, "found '" + text + "', expected MODEL/VERSION=SHARE",
                 kind == RolloutChange::Kind::kCanary ? "--canary" : "--shadow",
                 "e.g. fashion/2=10%");
  }
  out.model = whom.substr(0, slash);
  out.change.version = whom.substr(slash + 1);
  if (equals != std::string::npos) {
    TENBIN_TRY(const Ratio share, parse_ratio(text.substr(equals + 1)));
    out.change.share = share.value;
  }
  return out;
}

Json kept_rollout_json(const Rollout& rollout) {
  Json out = Json::object({{"schema", "tenbin.kept-rollout/1"},
                           {"stable", rollout.stable},
                           {"follows_newest", rollout.follows},
                           {"before", text_or_null(rollout.before)}});
  const auto part = [&](const char* name, const std::optional<std::string>& version, double share) {
    if (version) out.set(name, Json::object({{"version", *version}, {"share", share}}));
  };
  part("canary", rollout.canary, rollout.canary_share);
  part("shadow", rollout.shadow, rollout.shadow_share);
  return out;
}

Result<Rollout> read_kept_rollout(const Json& kept, const std::string& path) {
  if (kept["schema"].as_string() != "tenbin.kept-rollout/1" || !kept["stable"].is_string()) {
    return Error(ErrorCode::kBadConfig, "this is no kept rollout (tenbin.kept-rollout/1)", path,
                 "remove it: the newest version will answer");
  }
  Rollout out;
  out.stable = kept["stable"].as_string();
  out.follows = kept["follows_newest"].as_bool();
  if (kept["before"].is_string()) out.before = kept["before"].as_string();
  const auto part = [&](const char* name, std::optional<std::string>& version, double& share) {
    const Json& from = kept[name];
    if (!from["version"].is_string()) return;
    version = from["version"].as_string();
    share = from["share"].as_number();
  };
  part("canary", out.canary, out.canary_share);
  part("shadow", out.shadow, out.shadow_share);
  return out;
}

}  // namespace tenbin

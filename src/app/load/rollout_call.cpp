// SPDX-License-Identifier: Apache-2.0
#include "app/load/rollout_call.h"

#include "app/load/server_ask.h"

namespace tenbin {
namespace {

Json part(const std::string& version, double share) {
  Json out = Json::object({{"version", version}});
  if (share > 0) out.set("share", share);
  return out;
}

// The body of the change; null: only look.
Result<Json> body_of(const RolloutOptions& o) {
  Json body;
  if (!o.canary.empty()) body.set("canary", part(o.canary, o.share));
  if (!o.shadow.empty()) body.set("shadow", part(o.shadow, o.share));
  if (!o.promote.empty()) {
    body.set("promote", o.promote == "auto" ? Json(true) : Json(o.promote));
  }
  if (o.rollback) body.set("rollback", true);
  if (o.follow) body.set("follow", true);
  if (body.members().size() > 1) {
    return Error(ErrorCode::kBadValue, "more than one change is asked for",
                 "--canary, --shadow, --promote, --rollback, --follow", "give one of them");
  }
  if (o.share != 0 && o.canary.empty() && o.shadow.empty()) {
    return Error(ErrorCode::kBadValue, "a share is of a canary or a shadow", "--share",
                 "add --canary VERSION or --shadow VERSION");
  }
  return body;
}

}  // namespace

Result<Json> call_rollout(const RolloutOptions& options, FileSystem& files) {
  TENBIN_TRY(const Json body, body_of(options));
  TENBIN_TRY(const ServerAddress address, parse_url(options.url, options.tls_trust));
  TENBIN_TRY(const std::string headers, token_header(files, options.token_file));
  const std::string path = "/api/v1/models/" + path_segment(options.model) + "/rollout";
  if (body.is_null()) return ask_json(address, http_request("GET", path, address, headers, ""));
  return ask_json(
      address, http_request("POST", path, address, headers + "Content-Type: application/json\r\n",
                            body.dump()));
}

}  // namespace tenbin

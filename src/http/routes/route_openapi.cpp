// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 32);
  }
  return out;
}

// "{model}" and the like of a path.
Json parameters_of(std::string_view path) {
  Json out = Json::array();
  std::size_t at = 0;
  while ((at = path.find('{', at)) != std::string_view::npos) {
    const std::size_t end = path.find('}', at);
    out.push(Json::object({{"name", std::string(path.substr(at + 1, end - at - 1))},
                           {"in", "path"},
                           {"required", true},
                           {"schema", Json::object({{"type", "string"}})}}));
    at = end;
  }
  return out;
}

Json operation_of(const RouteEntry& entry, std::string_view path) {
  Json operation = Json::object({{"summary", std::string(entry.doc)}});
  Json parameters = parameters_of(path);
  if (!parameters.items().empty()) operation.set("parameters", std::move(parameters));
  if (entry.policy.role() == Role::kAdmin) {
    Json security = Json::array();
    security.push(Json::object({{"token", Json::array()}}));
    operation.set("security", std::move(security));
  }
  Json responses = Json::object({{"200", Json::object({{"description", "Done."}})}});
  responses.set("default",
                Json::object({{"description", "Not done; 'error' of the JSON body says why."}}));
  operation.set("responses", std::move(responses));
  return operation;
}

void handle(HttpService& /*service*/, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  Json paths = Json::object();
  for (const RouteEntry* entry : route_catalogue()) {
    for (const std::string_view path : entry->paths) {
      Json item = paths[path];
      item.set(lower(entry->method), operation_of(*entry, path));
      paths.set(std::string(path), std::move(item));
    }
  }
  const Json token = Json::object({{"type", "http"}, {"scheme", "bearer"}});
  exchange->answer(json_response(
      200, Json::object({{"openapi", "3.1.0"},
                         {"info", Json::object({{"title", "tenbin"}, {"version", TENBIN_VERSION}})},
                         {"paths", std::move(paths)},
                         {"components", Json::object({{"securitySchemes",
                                                       Json::object({{"token", token}})}})}})));
}

}  // namespace

const RouteEntry& route_openapi() {
  static const RouteEntry entry{
      Role::kOpen, "GET", {"/v2/openapi.json"}, "This description (OpenAPI 3.1).", handle};
  return entry;
}

}  // namespace tenbin

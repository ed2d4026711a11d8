// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/oip_tensors.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

Json tensors(const std::vector<ValueInfo>& values) {
  Json out = Json::array();
  for (const ValueInfo& value : values) {
    out.push(Json::object({{"name", value.name},
                           {"datatype", std::string(oip_name(value.type))},
                           {"shape", Json::array_of(value.shape)}}));
  }
  return out;
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& values) {
  const ModelServer& models = service.serving.models();
  const std::string version = values.size() > 1 ? values[1] : std::string();
  const auto found = models.find(values[0], version);
  if (!found.ok()) return exchange->answer(error_response(found.error()));
  Json body = Json::object({{"name", values[0]}});
  Json versions = Json::array();
  for (const ServedEntry& entry : models.index()) {
    if (entry.model == values[0] && !entry.version.empty()) versions.push(entry.version);
  }
  if (!versions.items().empty()) body.set("versions", std::move(versions));
  body.set("platform", "onnx_onnxv1");
  body.set("inputs", tensors((*found)->inputs));
  body.set("outputs", tensors((*found)->outputs));
  exchange->answer(json_response(200, body));
}

}  // namespace

const RouteEntry& route_model() {
  static const RouteEntry entry{Role::kOpen,
                                "GET",
                                {"/v2/models/{model}", "/v2/models/{model}/versions/{version}"},
                                "Inputs and outputs of a model.",
                                handle};
  return entry;
}

}  // namespace tenbin

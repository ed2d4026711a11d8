// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/oip_tensors.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

Json tensors(const ServedVersion& version, const std::vector<ValueInfo>& values) {
  Json out = Json::array();
  for (const ValueInfo& value : values) {
    Shape dims = value.shape;
    if (version.batched) dims.erase(dims.begin());
    const bool text = value.type == ElementType::kString;
    out.push(Json::object(
        {{"name", value.name},
         {"data_type", text ? "TYPE_STRING" : "TYPE_" + std::string(oip_name(value.type))},
         {"dims", Json::array_of(dims)}}));
  }
  return out;
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& values) {
  const auto found =
      service.serving.models().find(values[0], values.size() > 1 ? values[1] : std::string());
  if (!found.ok()) return exchange->answer(error_response(found.error()));
  const ServedVersion& version = **found;
  Json body = Json::object({{"name", version.model},
                            {"platform", "onnxruntime_onnx"},
                            {"backend", "tenbin"},
                            {"max_batch_size", version.batched ? 4096 : 0},
                            {"input", tensors(version, version.inputs)},
                            {"output", tensors(version, version.outputs)}});
  if (version.batched) {
    Json sizes = Json::array();
    sizes.push(efficient_rows(version.first().times));
    body.set("dynamic_batching", Json::object({{"preferred_batch_size", std::move(sizes)},
                                               {"max_queue_delay_microseconds", 0}}));
  }
  Json group = Json::array();
  group.push(Json::object({{"kind", "KIND_CPU"}, {"count", service.serving.threads()}}));
  body.set("instance_group", std::move(group));
  exchange->answer(json_response(200, body));
}

}  // namespace

const RouteEntry& route_config() {
  static const RouteEntry entry{
      Role::kOpen,
      "GET",
      {"/v2/models/{model}/config", "/v2/models/{model}/versions/{version}/config"},
      "How a model is served.",
      handle};
  return entry;
}

}  // namespace tenbin

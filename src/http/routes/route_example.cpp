// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/answers.h"
#include "http/oip_tensors.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostElements = 1'000'000;

// One row of zeros, or of empty texts.
Result<std::string> example_of(const ServedVersion& version) {
  std::string json = "{\"inputs\":[";
  for (const ValueInfo& input : version.inputs) {
    Shape shape = input.shape;
    for (std::int64_t& size : shape) size = size < 0 ? 1 : size;
    TENBIN_TRY(const Tensor tensor, tensor_of_shape(input.name, input.type, shape, kMostElements));
    if (json.back() != '[') json += ',';
    json += "{\"name\":";
    append_json_text(input.name, json);
    json += ",\"datatype\":\"" + std::string(oip_name(input.type)) + "\",\"shape\":";
    json += Json::array_of(shape).dump() + ",\"data\":";
    TENBIN_CHECK(append_json(tensor, json));
    json += '}';
  }
  return json + "]}";
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& values) {
  const auto found = service.serving.models().find(values[0], "");
  if (!found.ok()) return exchange->answer(error_response(found.error()));
  auto example = example_of(**found);
  if (!example.ok()) return exchange->answer(error_response(example.error()));
  HttpResponse response;
  response.headers.emplace_back("content-type", "application/json");
  response.body = std::move(*example);
  exchange->answer(std::move(response));
}

}  // namespace

const RouteEntry& route_example() {
  static const RouteEntry entry{Role::kOpen,
                                "GET",
                                {"/api/v1/models/{model}/example"},
                                "A request of zeros for a model, to try it with.",
                                handle};
  return entry;
}

}  // namespace tenbin

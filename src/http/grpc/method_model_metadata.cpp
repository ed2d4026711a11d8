// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/inference.pb.h"
#include "http/oip_tensors.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

template <class Field> void add_tensors(const std::vector<ValueInfo>& values, Field& field) {
  for (const ValueInfo& value : values) {
    auto& tensor = *field.Add();
    tensor.set_name(value.name);
    tensor.set_datatype(std::string(oip_name(value.type)));
    for (const std::int64_t size : value.shape) tensor.add_shape(size);
  }
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  with_message<inference::ModelMetadataRequest>(exchange, [&](const auto& request) {
    const ModelServer& models = service.serving.models();
    const auto found = models.find(request.name(), request.version());
    if (!found.ok()) return exchange->answer(grpc_failure(found.error()));
    inference::ModelMetadataResponse answer;
    answer.set_name(request.name());
    for (const ServedEntry& entry : models.index()) {
      if (entry.model == request.name() && !entry.version.empty()) {
        answer.add_versions(entry.version);
      }
    }
    answer.set_platform("onnx_onnxv1");
    add_tensors((*found)->inputs, *answer.mutable_inputs());
    add_tensors((*found)->outputs, *answer.mutable_outputs());
    exchange->answer(grpc_answer(answer));
  });
}

}  // namespace

const RouteEntry& method_model_metadata() {
  static const RouteEntry entry{Role::kOpen,
                                "POST",
                                {"/inference.GRPCInferenceService/ModelMetadata"},
                                "Inputs and outputs of a model.",
                                handle};
  return entry;
}

}  // namespace tenbin

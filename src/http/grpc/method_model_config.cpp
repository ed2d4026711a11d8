// SPDX-License-Identifier: Apache-2.0
#include "app/serve/serving.h"
#include "http/grpc/grpc_call.h"
#include "http/grpc/inference.pb.h"
#include "http/oip_tensors.h"
#include "http/route.h"
#include "http/service.h"

namespace tenbin {
namespace {

inference::DataType type_of(ElementType type) {
  if (type == ElementType::kString) return inference::TYPE_STRING;
  inference::DataType out = inference::TYPE_INVALID;
  inference::DataType_Parse("TYPE_" + std::string(oip_name(type)), &out);
  return out;
}

template <class Field>
void add_tensors(const ServedVersion& version, const std::vector<ValueInfo>& values, Field& field) {
  for (const ValueInfo& value : values) {
    auto& tensor = *field.Add();
    tensor.set_name(value.name);
    tensor.set_data_type(type_of(value.type));
    for (std::size_t d = version.batched ? 1 : 0; d < value.shape.size(); ++d) {
      tensor.add_dims(value.shape[d]);
    }
  }
}

void handle(HttpService& service, const std::shared_ptr<Exchange>& exchange,
            const PathValues& /*values*/) {
  with_message<inference::ModelConfigRequest>(exchange, [&](const auto& request) {
    const auto found = service.serving.models().find(request.name(), request.version());
    if (!found.ok()) return exchange->answer(grpc_failure(found.error()));
    inference::ModelConfigResponse answer;
    auto& config = *answer.mutable_config();
    config.set_name(request.name());
    config.set_platform("onnxruntime_onnx");
    config.set_backend("tenbin");
    config.set_max_batch_size((*found)->batched ? 4096 : 0);
    add_tensors(**found, (*found)->inputs, *config.mutable_input());
    add_tensors(**found, (*found)->outputs, *config.mutable_output());
    exchange->answer(grpc_answer(answer));
  });
}

}  // namespace

const RouteEntry& method_model_config() {
  static const RouteEntry entry{Role::kOpen,
                                "POST",
                                {"/inference.GRPCInferenceService/ModelConfig"},
                                "How a model is served.",
                                handle};
  return entry;
}

}  // namespace tenbin

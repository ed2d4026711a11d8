// SPDX-License-Identifier: Apache-2.0
#include "http/grpc/grpc_health.h"

#include "app/serve/serving.h"

namespace tenbin {

int health_of(Serving& serving, const std::string& name) {
  const ModelServer& models = serving.models();
  if (name.empty() || name == "inference.GRPCInferenceService") {
    return models.all_ready() && !models.draining() ? 1 : 2;
  }
  const auto found = models.find(name, "");
  if (!found.ok() && found.error().code() == ErrorCode::kUnknownModel) return 3;
  return found.ok() && !models.draining() ? 1 : 2;
}

}  // namespace tenbin

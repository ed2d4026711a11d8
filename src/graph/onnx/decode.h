// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

class ExternalData;
namespace onnx_wire {
class ModelProto;
}

// The model that a parsed message describes, checked and sorted. `external` may be null.
Result<Model> decode_model(const onnx_wire::ModelProto& proto, ExternalData* external);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

namespace tenbin {

namespace onnx_wire {
class ModelProto;
}

// Replaces calls of the model's own functions by the nodes of their bodies, in subgraphs too, until
// none is left: values inside get names of their own, attributes come from the call or from the
// function's defaults. Functions that nobody calls are forgotten.
// Errors kBadModel: more inputs or outputs than the function has, an operator set other than the
// model's; kTooLarge: functions that call each other deeper than limits::kSubgraphDepth, more than
// limits::kModelNodes nodes or limits::kInlinedBytes in all.
Status inline_functions(onnx_wire::ModelProto& proto);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

namespace onnx_wire {
class GraphProto;
}

// The message of a graph: nodes in their order, initialisers and values by name. Free leading
// sizes are written as the parameter "batch", other free sizes stay open.
// Error kBadModel: a value without a name, or subgraphs nested too deeply.
Status encode_graph(const Graph& graph, onnx_wire::GraphProto& proto, int depth);

}  // namespace tenbin

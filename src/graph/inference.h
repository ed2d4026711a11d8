// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

#include "graph/graph.h"
#include "graph/schema.h"

namespace tenbin {

// What is known of every value of a graph; inside this room.
struct Inference {
  std::map<std::string, Known> known;

  // Infers one call into `out`; its operands are looked up in `known`.
  Status run(const OpCall& call, const OpSchema& schema, InferCall& out);
};

Known known_constant(const Tensor& tensor);

// Walks the nodes in order; `visit` (may be empty) sees each call with its results and its schema,
// null for an unknown operator. The graph must outlive the result.
Result<Inference> infer(const Graph& graph,
                        const std::function<Status(const InferCall&, const OpSchema*)>& visit);

}  // namespace tenbin

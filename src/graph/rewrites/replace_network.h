// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "graph/graph.h"
#include "graph/rewrites/transfer.h"

namespace tenbin {

// The model with another network in the place of the one that network_of() found: what prepares its
// input and what makes answers of its numbers stay. `network` reads "x" and writes "logits", of the
// shapes that the old one had.
// Errors kBadModel, kBadShape: it does not fit.
Result<Model> replace_network(const Model& model, const Network& old, const Graph& network);

// What feeds the network and what it answers, as a model: inputs of `model`, outputs the two
// values at the ends of the network (one, if the network reads an input itself).
Result<Model> ends_of_network(const Model& model, const Network& network);

// Removes nodes that no output needs, and initialisers that none of the others reads. Returns how
// many nodes.
int remove_unused_nodes(Graph& graph);

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// Folds each BatchNormalization into the Conv or Gemm that alone feeds it: w' = w * s, b' = (b -
// mean) * s + shift with s = scale / sqrt(variance + epsilon), in double, rounded once. Float32
// weights that are initialisers; others are left as they are. Returns how many were folded.
Result<int> fold_batch_norm(Graph& graph);

// Removes Identity and Dropout nodes: their readers read the operand. Names of graph outputs stay.
// A Dropout whose mask is read is left. Returns how many were removed.
Result<int> remove_identities(Graph& graph);

// Makes initialisers of the numbers in Constant nodes, outputs of the graph apart. Returns how
// many.
int lift_constants(Graph& graph);

// Removes initialisers that no node reads and no output names. Returns how many.
int remove_unused_initializers(Graph& graph);

// Takes from LSTM, GRU and RNN the initial states that are zero however many rows there are: a
// layer without one begins there anyway. Calls that nobody reads then go too. Nodes must be in
// topological order. Returns how many states went.
int drop_zero_states(Graph& graph);

// One graph after another: outputs of `first` feed inputs of `second` by `bind` (input of second to
// output of first); inputs of second that are not bound become inputs of the whole if `first` does
// not have them already by name. Outputs are those of `second`, with their names; then those of
// `first` in `keep`. Errors kBadModel: an unknown or clashing name; kBadShape.
Result<Graph> join(const Graph& first, const Graph& second,
                   const std::map<std::string, std::string>& bind,
                   const std::vector<std::string>& keep = {});

// A fragment as a graph of its own.
Graph to_graph(const Fragment& fragment);

// Renames a value everywhere. The new name must be free (asserted).
void rename_value(Graph& graph, const std::string& from, const std::string& to);

}  // namespace tenbin

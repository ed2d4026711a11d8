// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// A network taken out of a model, to be trained further: one input "x" of floats [-1, ...], or of
// tokens (int64), and one output "logits" [-1, outputs].
struct Network {
  Graph graph;
  std::string first, last;         // values of the model that are its input and its output
  std::vector<std::string> notes;  // what was left out, a line each
};

// The network inside a model: from the floats that its first layer reads to what its last layer
// makes; scaling of pixels before and Softmax, labels and the like behind are left out. A batch
// size that the file fixes becomes free. Where no input is of floats and whole numbers pick rows of
// a table first (Gather of a constant), the network reads these. Errors kUnsupportedOp, kBadModel,
// saying which value is in the way.
Result<Network> network_of(const Model& model);

// The network with `outputs` fresh outputs (weights of variance 1 / inputs, biases zero, by
// `seed`): in place of its last dense layer or, where it ends otherwise, behind it.
// Error kUnsupportedOp.
Result<Graph> with_new_head(const Graph& network, std::int64_t outputs, std::uint64_t seed);

// A network in two: what stays as it is, and what is trained.
struct Halves {
  Graph fixed;              // no nodes: everything is trained
  Graph trained;            // input "x", output "logits"
  std::int64_t layers = 0;  // with weights, in `trained`
};

// Cuts where one value alone passes, so that at least the last `layers` layers with weights are
// trained; more where branches run beside each other. Error kBadValue for fewer than one.
Result<Halves> split_at_last_layers(const Graph& network, std::int64_t layers);

// How many layers with weights a network has.
std::int64_t count_layers(const Graph& network);

}  // namespace tenbin

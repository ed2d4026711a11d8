// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "graph/graph.h"

namespace tenbin {

// What training adjusts in a graph, by name.
struct LearnedNames {
  // Initialisers of float32: those that an operator's schema names as learned (weights, biases,
  // scales, shifts, tables), and those of more than one element that are added to or multiply what
  // depends on a learned one (a bias on its own, positions, scales of layers). Constants that
  // prepare an input are not among them, for nothing learned comes before them.
  std::set<std::string> weights;
  // Values that depend on one of them, so that a gradient may pass.
  std::set<std::string> values;
};
LearnedNames find_learned(const Graph& graph);

}  // namespace tenbin

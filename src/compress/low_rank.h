// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/result.h"
#include "base/stop_question.h"
#include "graph/graph.h"

namespace tenbin {

struct LowRankOptions {
  double energy_kept = 0.95;  // of the squares of a layer's singular values, at least
  double macs_kept = 1;       // of a layer's multiply-adds, at most; below 1 it goes first
  std::int64_t largest = std::int64_t{1} << 30;  // side * side * other side of a layer's weights
  template <class Fields> static void describe(Fields& f) {
    f("energy_kept", &LowRankOptions::energy_kept,
      "Share of the squares of its weights that a layer keeps at least [0..1].");
    f("macs_kept", &LowRankOptions::macs_kept,
      "Share of its multiply-adds that a factored layer has at most [0..1].");
    f("largest", &LowRankOptions::largest,
      "Layers whose decomposition takes more stay: smaller side squared times larger side [1..].");
  }
};

// What became of one layer.
struct FactoredLayer {
  std::string layer;       // node
  std::size_t rank = 0;    // between the two that took its place
  double energy_kept = 1;  // share of the squares of its singular values
  double macs_kept = 1;
};
struct Factored {
  Graph graph;
  std::vector<FactoredLayer> layers;  // those that were replaced
};

// Two thin layers in place of each Gemm, MatMul and convolution without groups (the kernel's to
// `rank` channels, then 1x1) whose weights allow it with fewer multiply-adds, by a truncated
// singular value decomposition; the least rank that keeps the energy. Others stay, nodes named in
// `untouched` too, and so do layers whose weights have more than 1024 rows and columns both.
// `may_go_on` is asked before each layer. Errors: its own; kBadValue: a share outside [0..1].
// Source: Eckart and Young 1936; for convolutions Zhang et al. 2016, Accelerating Very Deep
// Convolutional Networks for Classification and Detection (without their nonlinear part).
Result<Factored> factor_layers(const Graph& graph, const LowRankOptions& options = {},
                               const std::set<std::string>& untouched = {},
                               const StopQuestion& may_go_on = {});

}  // namespace tenbin

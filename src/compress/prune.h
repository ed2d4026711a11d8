// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "compress/channel_scores.h"
#include "graph/graph.h"

namespace tenbin {

// What a network costs, in units of a multiply-accumulate: a weight that is read once a run costs
// more than its multiplication, as it comes from memory.
struct WorkWeights {
  double mac = 1, parameter = 0;
};
Result<double> work_of(const Graph& network, const WorkWeights& weights);

struct PruneOptions {
  double work = 0;  // most that the result may cost
  WorkWeights weights;
  std::int64_t multiple = 16;  // of channels kept of a group; of a smaller one half, a quarter ...
  // Of the groups of this network, as channel_scores.h makes them; empty: by weights.
  ChannelScores scores;
};

struct PrunedNetwork {
  Graph graph;
  double work = 0;
  std::int64_t channels_before = 0, channels = 0;  // in all groups
  std::string what;  // "48 of 112 channels in 3 groups; 16->8, 32->16, 64->24"
};

// Takes out channels until the network costs no more than options.work: those whose score is least
// for what they cost, over all groups at once; every group keeps some. Train what is left
// (recover.h). Errors: kBadValue if nothing can be cut or not that much, with what can be reached,
// or if scores do not fit; those of channel_groups.
Result<PrunedNetwork> prune_channels(const Graph& network, const PruneOptions& options);

}  // namespace tenbin

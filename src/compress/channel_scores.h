// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "compress/channel_groups.h"

namespace tenbin {

// How much each channel of a group matters, by its weights: how strongly it is made (factors of its
// normalisations, else the norm of the weights that make it) times how strongly it is read. Of mean
// 1 in the group, so that groups compare. [channels]
// Source: Li et al. 2017, Pruning Filters for Efficient ConvNets (norms of filters); Liu et al.
// 2017, Network Slimming (factors of batch normalisation).
std::vector<double> weight_scores(const Graph& network, const ChannelGroup& group);

}  // namespace tenbin

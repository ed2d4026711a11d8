// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tenbin {

// What a slice of a tensor is to the channels of its group.
enum class SliceRole {
  kMakes,    // weights whose output the channels are
  kReads,    // weights that multiply them
  kScales,   // a factor for each: scale of a batch normalisation
  kFollows,  // biases, statistics: goes with them
  kSize      // an entry of a shape that counts them
};

// Where the channels of a group stand in a constant: channel c takes entries
// [offset + c * each, offset + (c + 1) * each) along the axis. Of a shape (kSize), entry `offset`
// counts them, `each` for every channel.
struct ChannelSlice {
  std::string tensor;
  std::size_t axis = 0;
  std::int64_t offset = 0, each = 1;
  SliceRole role = SliceRole::kFollows;
};

// Channels of a network that can be taken out one by one, each everywhere at once: what makes it,
// what is added to it, what reads it.
struct ChannelGroup {
  std::string name;  // of the first value that has them
  std::int64_t channels = 0;
  std::vector<ChannelSlice> slices;
};

// Finds the groups by walking from layer to layer: through residual sums, concatenations,
// convolutions with groups and depthwise ones, flattening, attention heads (a head is a channel),
// tokens. What a Split tells apart is in groups of its own. Channels that enter or leave the
// network, that an operator mixes otherwise than by constant weights, or that meet an operator we
// do not know are in no group.
// `network`: float32, [batch, ...]. Errors: those of infer_shapes.
// Source: Fang et al. 2023, DepGraph: Towards Any Structural Pruning.
Result<std::vector<ChannelGroup>> channel_groups(const Graph& network);

// Takes out of the network all channels but those kept: `kept[i]`, ascending, of groups[i]; groups
// as channel_groups() found them in this network. Constants become smaller, nothing is masked.
// Errors: kBadValue for channels that are not there, or none kept; those of infer_shapes.
Status keep_channels(Graph& network, std::span<const ChannelGroup> groups,
                     std::span<const std::vector<std::int64_t>> kept);

}  // namespace tenbin

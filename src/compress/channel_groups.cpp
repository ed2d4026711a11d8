// SPDX-License-Identifier: Apache-2.0
#include "compress/channel_groups.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "compress/channel_walk.h"

namespace tenbin {
namespace {

// Any batch will do that no dimension is mistaken for.
constexpr std::int64_t kBatch = 7;

// By nodes, by what is inside of them, and by whoever takes the outputs.
std::map<std::string, int> reads_of_constants(const Graph& graph) {
  std::map<std::string, int> out;
  for (const OpCall& node : graph.nodes) {
    for (const std::string& input : node.inputs) ++out[input];
    for (const std::string& value : reads_of(node)) {
      if (std::ranges::find(node.inputs, value) == node.inputs.end()) ++out[value];
    }
  }
  for (const ValueInfo& output : graph.outputs) ++out[output.name];
  return out;
}

// Which entries of an axis stay.
using Kept = std::vector<bool>;

Tensor with_entries(const Tensor& tensor, std::size_t axis, const Kept& kept) {
  const Shape& from = tensor.shape();
  Shape to = from;
  to[axis] = std::ranges::count(kept, true);
  Tensor out(tensor.type(), to);
  std::size_t inner = element_size(tensor.type()), outer = 1;
  for (std::size_t d = axis + 1; d < from.size(); ++d) inner *= static_cast<std::size_t>(from[d]);
  for (std::size_t d = 0; d < axis; ++d) outer *= static_cast<std::size_t>(from[d]);
  const std::byte* src = tensor.bytes().data();
  std::byte* dst = out.bytes().data();
  for (std::size_t o = 0; o < outer; ++o) {
    for (const bool stays : kept) {
      if (stays) {
        std::memcpy(dst, src, inner);
        dst += inner;
      }
      src += inner;
    }
  }
  return out;
}

Status check_kept(const ChannelGroup& group, const std::vector<std::int64_t>& kept) {
  const bool ascending = std::ranges::adjacent_find(kept, std::greater_equal<>()) == kept.end();
  if (!kept.empty() && ascending && kept.front() >= 0 && kept.back() < group.channels) return {};
  return Error(ErrorCode::kBadValue, std::to_string(kept.size()) + " channels to keep of '" +
                                         group.name + "', expected one or more of 0 to " +
                                         std::to_string(group.channels - 1) + ", ascending");
}

// What goes from each constant.
struct Cuts {
  std::map<std::pair<std::string, std::size_t>, Kept> entries;         // by tensor and axis
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> sizes;  // by shape and its entry

  void add(const Graph& network, const ChannelGroup& group, const std::vector<std::int64_t>& kept) {
    Kept gone(static_cast<std::size_t>(group.channels), true);
    for (const std::int64_t c : kept) gone[static_cast<std::size_t>(c)] = false;
    const auto count = static_cast<std::int64_t>(std::ranges::count(gone, true));
    for (const ChannelSlice& slice : group.slices) {
      if (slice.role == SliceRole::kSize) {
        sizes[{slice.tensor, slice.offset}] += count * slice.each;
        continue;
      }
      Kept& stays = entries[{slice.tensor, slice.axis}];
      const Shape& shape = network.initializers.at(slice.tensor).shape();
      stays.resize(static_cast<std::size_t>(shape[slice.axis]), true);
      const auto each = static_cast<std::size_t>(slice.each);
      auto at = static_cast<std::size_t>(slice.offset);
      for (const bool goes : gone) {
        for (const std::size_t end = at + each; at < end; ++at) {
          if (goes) stays.at(at) = false;
        }
      }
    }
  }

  void make(Graph& network) const {
    for (const auto& [place, stays] : entries) {
      Tensor& tensor = network.initializers.at(place.first);
      tensor = with_entries(tensor, place.second, stays);
    }
    for (const auto& [place, less] : sizes) {
      const auto shape = network.initializers.at(place.first).data<std::int64_t>();
      shape[static_cast<std::size_t>(place.second)] -= less;
    }
  }
};

// Outputs of convolutions in groups, by node.
std::map<const OpCall*, std::int64_t> grouped_outputs(const Graph& network) {
  std::map<const OpCall*, std::int64_t> out;
  for (const OpCall& node : network.nodes) {
    if (node.op != "Conv" || node.integer("group", 1) == 1) continue;
    const auto weights = network.initializers.find(node.inputs[1]);
    if (weights != network.initializers.end()) out[&node] = weights->second.shape()[0];
  }
  return out;
}

}  // namespace

Result<std::vector<ChannelGroup>> channel_groups(const Graph& network) {
  Graph graph = network;
  TENBIN_CHECK(bind_batch(graph, kBatch));
  std::vector<ChannelGroup> groups = ChannelWalk(graph).run().groups();
  // A constant that two nodes read cannot be cut for one of them.
  const auto reads = reads_of_constants(graph);
  std::erase_if(groups, [&](const ChannelGroup& group) {
    return std::ranges::any_of(group.slices, [&](const ChannelSlice& slice) {
      return reads.at(slice.tensor) > 1 || slice.each < 1;
    });
  });
  return groups;
}

Status keep_channels(Graph& network, std::span<const ChannelGroup> groups,
                     std::span<const std::vector<std::int64_t>> kept) {
  if (groups.size() != kept.size()) {
    return Error(ErrorCode::kBadValue, "channels to keep of " + std::to_string(kept.size()) +
                                           " groups, expected of " + std::to_string(groups.size()));
  }
  Cuts cuts;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    TENBIN_CHECK(check_kept(groups[g], kept[g]));
    cuts.add(network, groups[g], kept[g]);
  }
  const auto before = grouped_outputs(network);
  cuts.make(network);
  const auto after = grouped_outputs(network);
  for (OpCall& node : network.nodes) {
    if (!before.contains(&node)) continue;
    node.attributes["group"] = node.integer("group", 1) * after.at(&node) / before.at(&node);
  }
  network.values.clear();
  return infer_shapes(network);
}

}  // namespace tenbin

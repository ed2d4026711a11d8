// SPDX-License-Identifier: Apache-2.0
#include "compress/channel_spaces.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tenbin {

std::size_t ChannelSpaces::make(std::string name, std::int64_t channels) {
  Space space;
  space.name = std::move(name);
  space.channels = channels;
  space.parent = spaces_.size();
  spaces_.push_back(std::move(space));
  return spaces_.size() - 1;
}

std::size_t ChannelSpaces::root(std::size_t space) const {
  while (spaces_[space].parent != space) space = spaces_[space].parent;
  return space;
}

std::vector<std::size_t> ChannelSpaces::united_with(std::size_t space) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    if (root(i) == root(space)) out.push_back(i);
  }
  return out;
}

void ChannelSpaces::fix(const ChannelLayout& layout) {
  for (const ChannelSegment& segment : layout.segments) fix(segment.space);
}

void ChannelSpaces::unite(std::size_t a, std::size_t b) {
  a = root(a);
  b = root(b);
  if (a == b) return;
  if (b < a) std::swap(a, b);  // the first value names the group
  spaces_[b].parent = a;
  spaces_[a].fixed = spaces_[a].fixed || spaces_[b].fixed;
  spaces_[a].coarse = std::lcm(spaces_[a].coarse, spaces_[b].coarse);
  auto& slices = spaces_[a].slices;
  slices.insert(slices.end(), spaces_[b].slices.begin(), spaces_[b].slices.end());
  spaces_[b].slices.clear();
}

void ChannelSpaces::unite(const ChannelLayout& a, const ChannelLayout& b) {
  const bool alike =
      a.axis == b.axis &&
      std::ranges::equal(a.segments, b.segments, [&](const auto& x, const auto& y) {
        return x.times == y.times && x.per == y.per && channels(x.space) == channels(y.space);
      });
  if (!alike) {
    fix(a);
    fix(b);
    return;
  }
  for (std::size_t i = 0; i < a.segments.size(); ++i) {
    unite(a.segments[i].space, b.segments[i].space);
  }
}

void ChannelSpaces::coarsen(std::size_t space, std::int64_t by) {
  Space& s = spaces_[root(space)];
  s.coarse = std::lcm(s.coarse, by);
  if (s.channels % s.coarse != 0) s.fixed = true;
}

void ChannelSpaces::tie(const ChannelLayout& layout, const std::string& tensor, std::size_t axis,
                        SliceRole role) {
  std::int64_t offset = 0;
  for (const ChannelSegment& segment : layout.segments) {
    spaces_[root(segment.space)].slices.push_back(
        {tensor, axis, offset, segment.times, segment.per, role});
    offset += entries(segment);
  }
}

void ChannelSpaces::tie_size(const ChannelSegment& segment, const std::string& shape,
                             std::int64_t index) {
  spaces_[root(segment.space)].slices.push_back(
      {shape, 0, index, segment.times, segment.per, SliceRole::kSize});
}

std::vector<ChannelGroup> ChannelSpaces::groups() const {
  std::vector<ChannelGroup> out;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const Space& space = spaces_[i];
    if (space.parent != i || space.fixed || space.channels / space.coarse < 2) continue;
    ChannelGroup group{space.name, space.channels / space.coarse, {}};
    for (const Slice& s : space.slices) {
      group.slices.push_back({s.tensor, s.axis, s.offset, s.times * space.coarse / s.per, s.role});
    }
    out.push_back(std::move(group));
  }
  return out;
}

}  // namespace tenbin

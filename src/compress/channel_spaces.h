// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compress/channel_groups.h"

namespace tenbin {

// Channels of a space along an axis: the axis has channels * times / per entries of it.
struct ChannelSegment {
  std::size_t space = 0;
  std::int64_t times = 1, per = 1;
};

// Where the channels of a value stand: along one axis, segment after segment.
struct ChannelLayout {
  std::size_t axis = 0;
  std::vector<ChannelSegment> segments;
};

// Sets of channels that stand or fall together (union-find). A space may become coarser: a channel
// of it is then several neighbours, which only go together.
class ChannelSpaces {
 public:
  std::size_t make(std::string name, std::int64_t channels);
  std::int64_t channels(std::size_t space) const { return spaces_[root(space)].channels; }
  std::int64_t entries(const ChannelSegment& s) const {
    return channels(s.space) * s.times / s.per;
  }
  // All that are the same channels by now, itself too.
  std::vector<std::size_t> united_with(std::size_t space) const;
  void fix(std::size_t space) { spaces_[root(space)].fixed = true; }
  void fix(const ChannelLayout& layout);
  // The same channels from now on; fixes both if they cannot be.
  void unite(const ChannelLayout& a, const ChannelLayout& b);
  // `by` neighbours of the space go together.
  void coarsen(std::size_t space, std::int64_t by);
  // Ties a constant to the segments of a layout, along `axis` from its first entry on.
  void tie(const ChannelLayout& layout, const std::string& tensor, std::size_t axis,
           SliceRole role);
  // Entry `index` of a shape counts the channels of a segment, `times` / `per` each.
  void tie_size(const ChannelSegment& segment, const std::string& shape, std::int64_t index);
  // The spaces that are not fixed, with at least two channels.
  std::vector<ChannelGroup> groups() const;

 private:
  struct Slice {
    std::string tensor;
    std::size_t axis;
    std::int64_t offset, times, per;
    SliceRole role;
  };
  struct Space {
    std::string name;
    std::int64_t channels = 0, coarse = 1;
    bool fixed = false;
    std::size_t parent = 0;
    std::vector<Slice> slices;
  };
  std::size_t root(std::size_t space) const;
  void unite(std::size_t a, std::size_t b);

  std::vector<Space> spaces_;
};

}  // namespace tenbin

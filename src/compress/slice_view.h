// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "compress/channel_groups.h"

namespace tenbin {

// Finds the channel of each element of a tensor that a slice cuts, or of a value whose axis is
// laid out as the slice's. Row-major.
class SliceView {
 public:
  SliceView(const Shape& shape, std::size_t axis, const ChannelSlice& slice, std::int64_t channels)
      : along_(static_cast<std::size_t>(shape[axis])),
        first_(static_cast<std::size_t>(slice.offset)),
        each_(static_cast<std::size_t>(slice.each)),
        channels_(static_cast<std::size_t>(channels)) {
    for (std::size_t d = axis + 1; d < shape.size(); ++d) {
      inner_ *= static_cast<std::size_t>(shape[d]);
    }
  }
  // Where element i stands along the axis.
  std::size_t entry(std::size_t i) const { return i / inner_ % along_; }
  // The channel that an entry belongs to, if it is one of the slice's.
  std::optional<std::size_t> channel(std::size_t entry) const {
    if (entry < first_ || entry >= first_ + channels_ * each_) return std::nullopt;
    return (entry - first_) / each_;
  }
  std::size_t entries() const { return along_; }

 private:
  std::size_t along_, first_, each_, channels_, inner_ = 1;
};

}  // namespace tenbin

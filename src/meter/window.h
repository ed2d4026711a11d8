// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/measurement.h"
#include "base/units.h"
#include "meter/counter.h"

namespace tenbin {

// Energy of a window of time. value is nothing when a part of the window is unknown.
struct WindowEnergy {
  std::optional<Energy> value;
  Energy lo, hi;             // always hold; equal to value when nothing is doubtful
  std::int64_t samples = 0;  // readings inside
  Duration max_gap{};        // longest time between two readings that touch the window
  std::uint32_t flags = 0;
};

// The cumulative energy function E(t) of one counter, built from its readings in order. Between two
// readings it is a straight line rounded down, so windows add exactly. Not thread-safe.
class EnergyTrack {
 public:
  // `nominal`: the interval between readings that was asked for; longer ones are gaps.
  EnergyTrack(const CounterFacts& facts, Duration nominal);

  // A good reading. Readings at or before the last instant are refused (false).
  // A reading that fell is held back until the next one shows whether it was a torn text.
  bool add(const CounterRead& read);
  // What follows belongs to a new life of the counter (driver reload, suspend, other range): the
  // energy across the seam is unknown up to the plausible most. `flags` say why.
  void begin_epoch(const CounterFacts& facts, std::uint32_t flags, Duration extra = {});
  // From here on a failed reading is known: the inside of the interval is a gap.
  void miss();

  bool empty() const { return points_.empty(); }
  Duration first() const;
  Duration last() const;  // instant of the last reading that counts
  const CounterFacts& facts() const { return facts_; }
  // Energy in [begin, end). Outside the readings nothing is known: lo stays, hi grows by P * dt,
  // and the value is left out, except for up to one nominal interval after the last reading, which
  // is extrapolated with the last power (flag kFlagExtrapolated).
  WindowEnergy between(Duration begin, Duration end) const;
  // Mean power of each interval, for drawing: at most `most` points, neighbours merged.
  struct PowerPoint {
    Duration begin{}, end{};
    std::optional<Power> mean;
  };
  std::vector<PowerPoint> power(Duration begin, Duration end, std::size_t most) const;

  // Steps seen so far, for the decision on mirrored dies: energy of the last interval.
  struct Point {
    Duration at{}, half_width{};
    std::int64_t value = 0;       // sum of the known steps [nJ]
    std::int64_t lo = 0, hi = 0;  // sums of the bounds [nJ]
    std::int32_t unknown = 0;     // steps without a value so far
    std::uint32_t flags = 0;      // of the step that ends here
  };
  const std::vector<Point>& points() const { return points_; }

 private:
  void push(const CounterRead& read, const CounterStep& step);
  void thin();
  void summarise(std::size_t index);
  struct At;
  At at(Duration instant) const;

  CounterFacts facts_;
  Duration nominal_;
  std::vector<Point> points_;
  // Flags and longest gap of each run of points, so that long windows are looked at quickly.
  struct Block {
    std::uint32_t flags = 0;
    Duration gap{};
  };
  std::vector<Block> blocks_;
  CounterRead last_{};               // last good reading
  std::optional<CounterRead> held_;  // a fall that waits for the next reading
  CounterStep held_step_;
  std::optional<std::uint32_t> seam_;  // flags of an epoch that begins with the next reading
  Duration seam_extra_{};
  bool missed_ = false;
};

}  // namespace tenbin

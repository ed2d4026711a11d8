// SPDX-License-Identifier: Apache-2.0
#include "meter/window.h"

#include <algorithm>

namespace tenbin {
namespace {

constexpr std::size_t kMostPoints = 65'536;  // older halves are thinned above it
constexpr std::size_t kBlock = 256;

__extension__ typedef __int128 Wide;

// value * part / whole, rounded down, exact.
std::int64_t share(std::int64_t value, Duration part, Duration whole) {
  if (whole.count() <= 0) return 0;
  const Wide wide = static_cast<Wide>(value) * part.count();
  return static_cast<std::int64_t>(wide / whole.count());
}

}  // namespace

EnergyTrack::EnergyTrack(const CounterFacts& facts, Duration nominal)
    : facts_(facts), nominal_(nominal) {
  points_.reserve(4096);
}

Duration EnergyTrack::first() const { return points_.empty() ? Duration{} : points_.front().at; }
Duration EnergyTrack::last() const { return points_.empty() ? Duration{} : points_.back().at; }

void EnergyTrack::miss() { missed_ = true; }

void EnergyTrack::begin_epoch(const CounterFacts& facts, std::uint32_t flags, Duration extra) {
  if (held_) {
    push(*held_, held_step_);
    held_.reset();
  }
  facts_ = facts;
  seam_ = seam_.value_or(0u) | flags;
  seam_extra_ += extra;
}

void EnergyTrack::push(const CounterRead& read, const CounterStep& step) {
  Point point;
  point.at = read.at;
  point.half_width = read.half_width;
  point.flags = step.flags;
  if (!points_.empty()) {
    const Point& before = points_.back();
    const bool late = read.at - before.at > nominal_ + nominal_ / 2;
    if (missed_ || late) point.flags |= kFlagGap;
    point.value = before.value + step.value.value_or(Energy{}).nanojoules;
    point.lo = before.lo + step.lo.nanojoules;
    point.hi = before.hi + step.hi.nanojoules;
    point.unknown = before.unknown + (step.value ? 0 : 1);
  }
  missed_ = false;
  last_ = read;
  points_.push_back(point);
  summarise(points_.size() - 1);
  if (points_.size() > kMostPoints) thin();
}

void EnergyTrack::thin() {
  const std::size_t half = points_.size() / 2;
  std::size_t out = 1;
  std::uint32_t carried = 0;
  for (std::size_t i = 1; i < points_.size(); ++i) {
    carried |= points_[i].flags;
    if (i < half && i % 2 == 1) continue;
    points_[out] = points_[i];
    points_[out++].flags = carried;
    carried = 0;
  }
  points_.resize(out);
  blocks_.clear();
  for (std::size_t i = 0; i < out; ++i) summarise(i);
}

void EnergyTrack::summarise(std::size_t index) {
  if (index % kBlock == 0) blocks_.emplace_back();
  Block& block = blocks_.back();
  block.flags |= points_[index].flags;
  if (index > 0) block.gap = std::max(block.gap, points_[index].at - points_[index - 1].at);
}

bool EnergyTrack::add(const CounterRead& read) {
  if (points_.empty()) {
    push(read, {});
    seam_.reset();
    seam_extra_ = {};
    return true;
  }
  if (read.at <= last_.at || (held_ && read.at <= held_->at)) return false;
  if (seam_) {
    CounterStep step;
    step.hi = most_energy(facts_.plausible, read.at - last_.at + seam_extra_);
    step.flags = *seam_ | kFlagReset;
    seam_.reset();
    seam_extra_ = {};
    push(read, step);
    return true;
  }
  if (held_) {
    const CounterStep over = counter_step(facts_, last_, read);
    const CounterStep after = counter_step(facts_, *held_, read);
    const bool track_goes_on = over.value && read.value >= last_.value;
    if (track_goes_on && !after.value) {  // the low reading was torn: drop it
      held_.reset();
      missed_ = true;
      push(read, over);
      return true;
    }
    CounterStep fall = held_step_;
    if (track_goes_on) {  // both stories hold: bounds over both
      held_.reset();
      CounterStep both;
      both.flags = kFlagAmbiguous | kFlagReset;
      both.lo = std::min(over.lo, fall.lo + after.lo);
      both.hi = std::max(over.hi, fall.hi + after.hi);
      push(read, both);
      return true;
    }
    const CounterRead low = *held_;
    held_.reset();
    push(low, fall);
    push(read, counter_step(facts_, low, read));
    return true;
  }
  const CounterStep step = counter_step(facts_, last_, read);
  if (!step.value && read.value < last_.value && step.kind != CountKind::kAmbiguous) {
    held_ = read;
    held_step_ = step;
    return true;
  }
  push(read, step);
  return true;
}

struct EnergyTrack::At {
  std::int64_t value = 0, lo = 0, hi = 0;
  std::int32_t unknown_before = 0;   // steps without a value that end at or before the instant
  std::int32_t unknown_touched = 0;  // the same, with the step the instant lies inside
  std::size_t index = 0;             // of the last point at or before the instant
  bool inside = false;               // strictly between two points
};

EnergyTrack::At EnergyTrack::at(Duration instant) const {
  const auto next = std::upper_bound(points_.begin(), points_.end(), instant,
                                     [](Duration t, const Point& p) { return t < p.at; });
  At out;
  if (next == points_.begin()) return out;
  const Point& a = *(next - 1);
  out.index = static_cast<std::size_t>(next - 1 - points_.begin());
  out = {a.value, a.lo, a.hi, a.unknown, a.unknown, out.index, false};
  if (next == points_.end() || instant == a.at) return out;
  const Point& b = *next;
  const Duration part = instant - a.at, whole = b.at - a.at;
  out.value = a.value + share(b.value - a.value, part, whole);
  out.lo = a.lo + share(b.lo - a.lo, part, whole);
  out.hi = a.hi + share(b.hi - a.hi, part, whole);
  out.unknown_touched = b.unknown;
  out.inside = true;
  return out;
}

WindowEnergy EnergyTrack::between(Duration begin, Duration end) const {
  if (held_) {
    EnergyTrack settled = *this;
    const CounterRead low = *settled.held_;
    settled.held_.reset();
    settled.push(low, settled.held_step_);
    return settled.between(begin, end);
  }
  WindowEnergy out;
  if (end <= begin) {
    out.value = Energy{};
    return out;
  }
  if (points_.empty()) {
    out.hi = most_energy(facts_.plausible, end - begin);
    out.flags = kFlagGap;
    return out;
  }
  const Duration from = std::clamp(begin, first(), last());
  const Duration to = std::clamp(end, first(), last());
  const At a = at(from), b = at(to);
  bool known = b.unknown_touched == a.unknown_before;
  std::int64_t value = b.value - a.value, lo = b.lo - a.lo, hi = b.hi - a.hi;
  // Inside a step the energy may have flowed on either side of the edge.
  const auto edge = [&](const At& e) {
    if (!e.inside) return;
    const Point& p = points_[e.index];
    const Point& q = points_[e.index + 1];
    const Duration whole = q.at - p.at;
    const std::int64_t step = q.hi - p.hi;
    const bool same = a.inside && b.inside && a.index == b.index;
    if (same) {
      lo = 0;
      hi = step;
      return;
    }
    const Duration in = &e == &a ? q.at - from : to - p.at;
    lo -= share(q.lo - p.lo, in, whole) + (&e == &a ? 1 : 0);
    hi += step - share(step, in, whole);
  };
  if (from < to) {
    edge(a);
    edge(b);
  }
  lo = std::max<std::int64_t>(lo, 0);
  const std::size_t until = b.index + (b.inside ? 1 : 0);
  for (std::size_t i = a.index + 1; i <= until; ++i) {
    if (i % kBlock == 0 && i + kBlock - 1 <= until) {
      out.flags |= blocks_[i / kBlock].flags;
      out.max_gap = std::max(out.max_gap, blocks_[i / kBlock].gap);
      i += kBlock - 1;
      continue;
    }
    out.flags |= points_[i].flags;
    out.max_gap = std::max(out.max_gap, points_[i].at - points_[i - 1].at);
  }
  out.flags &= ~static_cast<std::uint32_t>(kFlagStale);
  out.samples = static_cast<std::int64_t>(b.index - a.index) + 1;
  Duration outside = std::max(Duration{}, first() - begin);
  if (outside.count() > 0) {
    outside = std::min(outside, end - begin);
    if (outside > nominal_ / 2) known = false;
    out.flags |= kFlagGap;
    hi += most_energy(facts_.plausible, outside).nanojoules;
  }
  if (end > last()) {
    const Duration tail = end - std::max(begin, last());
    hi += most_energy(facts_.plausible, tail).nanojoules;
    if (tail <= 2 * nominal_ && points_.size() >= 2 &&
        points_.back().unknown == points_[points_.size() - 2].unknown) {
      const Point& q = points_.back();
      const Point& p = points_[points_.size() - 2];
      value += share(q.value - p.value, tail, q.at - p.at);
      out.flags |= kFlagExtrapolated;
    } else {
      known = false;
      out.flags |= kFlagGap;
    }
  }
  if (known && end - begin < 3 * nominal_) out.flags |= kFlagShortWindow;
  out.lo = Energy{lo};
  out.hi = Energy{std::max(hi, value)};
  if (known) out.value = Energy{value};
  return out;
}

std::vector<EnergyTrack::PowerPoint> EnergyTrack::power(Duration begin, Duration end,
                                                        std::size_t most) const {
  std::vector<PowerPoint> out;
  if (points_.size() < 2 || most == 0) return out;
  const auto lower = std::upper_bound(points_.begin(), points_.end(), begin,
                                      [](Duration t, const Point& p) { return t < p.at; });
  const auto from = static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, lower - points_.begin()));
  std::size_t to = from;
  while (to < points_.size() && points_[to - 1].at < end) ++to;
  if (to <= from) return out;
  const std::size_t stride = (to - from + most - 1) / most;
  for (std::size_t i = from; i < to; i += stride) {
    const Point& p = points_[i - 1];
    const Point& q = points_[std::min(i + stride, to) - 1];
    PowerPoint point{p.at, q.at, std::nullopt};
    if (p.unknown == q.unknown) point.mean = Energy{q.value - p.value} / (q.at - p.at);
    out.push_back(point);
  }
  return out;
}

}  // namespace tenbin

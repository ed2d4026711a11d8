// SPDX-License-Identifier: Apache-2.0
#include "data/streams/row_order.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "platform/random.h"

namespace tenbin {
namespace {

// Fisher-Yates from Philox counters (window, part): four draws a call. The bias of a product of a
// 32-bit draw is below size / 2^32.
void shuffle(std::span<std::int64_t> values, std::array<std::uint32_t, 2> key, std::uint64_t epoch,
             std::uint32_t part) {
  std::array<std::uint32_t, 4> draws{};
  std::uint32_t calls = 0;
  std::size_t left = 0;
  for (std::size_t n = values.size(); n > 1; --n) {
    if (left == 0) {
      draws = philox({calls++, part, static_cast<std::uint32_t>(epoch),
                      static_cast<std::uint32_t>(epoch >> 32)},
                     key);
      left = 4;
    }
    const std::uint64_t product = std::uint64_t{draws[--left]} * n;
    std::swap(values[n - 1], values[static_cast<std::size_t>(product >> 32)]);
  }
}

constexpr std::uint32_t kRunsPart = 0xffffffffu;

}  // namespace

RowOrder::RowOrder(std::int64_t rows, bool shuffle, std::uint64_t seed)
    : rows_(rows), shuffle_(shuffle), seed_(seed) {}

void RowOrder::start_epoch(std::int64_t epoch) {
  epoch_ = epoch;
  loaded_ = -1;
  if (!shuffle_) return;
  const std::int64_t runs = (rows_ + kRun - 1) / kRun;
  runs_.resize(static_cast<std::size_t>(runs));
  for (std::size_t r = 0; r < runs_.size(); ++r) runs_[r] = static_cast<std::int64_t>(r) * kRun;
  const std::array<std::uint32_t, 2> key = {static_cast<std::uint32_t>(seed_),
                                            static_cast<std::uint32_t>(seed_ >> 32)};
  if (rows_ > kWindow) shuffle(runs_, key, static_cast<std::uint64_t>(epoch_), kRunsPart);
  begins_ = {0};
  constexpr std::size_t kRuns = kWindow / kRun;
  for (std::size_t r = 0; r < runs_.size(); r += kRuns) {
    std::int64_t size = 0;  // the last run of the data may be short, wherever it went
    for (std::size_t i = r; i < std::min(r + kRuns, runs_.size()); ++i) {
      size += std::min(kRun, rows_ - runs_[i]);
    }
    begins_.push_back(begins_.back() + size);
  }
}

void RowOrder::load_window(std::int64_t window) {
  constexpr std::size_t kRuns = kWindow / kRun;
  window_.clear();
  window_.reserve(static_cast<std::size_t>(kWindow));
  const std::size_t first = static_cast<std::size_t>(window) * kRuns;
  for (std::size_t r = first; r < std::min(first + kRuns, runs_.size()); ++r) {
    const std::int64_t end = std::min(runs_[r] + kRun, rows_);
    for (std::int64_t row = runs_[r]; row < end; ++row) window_.push_back(row);
  }
  const std::array<std::uint32_t, 2> key = {static_cast<std::uint32_t>(seed_),
                                            static_cast<std::uint32_t>(seed_ >> 32)};
  shuffle(window_, key, static_cast<std::uint64_t>(epoch_), static_cast<std::uint32_t>(window));
  loaded_ = window;
  window_begin_ = begins_[static_cast<std::size_t>(window)];
}

void RowOrder::rows_at(std::int64_t first, std::span<std::int64_t> into) {
  if (!shuffle_) {
    std::iota(into.begin(), into.end(), first);
    return;
  }
  for (std::size_t done = 0; done < into.size();) {
    const std::int64_t place = first + static_cast<std::int64_t>(done);
    const auto after = std::upper_bound(begins_.begin(), begins_.end(), place);
    const std::int64_t window = after - begins_.begin() - 1;
    if (window != loaded_) load_window(window);
    const auto at = static_cast<std::size_t>(place - window_begin_);
    const std::size_t take = std::min(into.size() - done, window_.size() - at);
    std::copy_n(window_.begin() + static_cast<std::ptrdiff_t>(at), take,
                into.begin() + static_cast<std::ptrdiff_t>(done));
    done += take;
  }
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tenbin {

// The order of rows in an epoch, from (seed, epoch) alone. Runs of neighbouring rows are permuted
// over the whole data, then the rows of `window` rows' worth of runs are shuffled among themselves:
// any window can be drawn again without those before it, and memory is touched a run at a time.
// Data of at most one window is shuffled as a whole.
class RowOrder {
 public:
  static constexpr std::int64_t kRun = 32;         // rows
  static constexpr std::int64_t kWindow = 32'768;  // rows; a multiple of kRun

  RowOrder(std::int64_t rows, bool shuffle, std::uint64_t seed);
  void start_epoch(std::int64_t epoch);
  // Writes the rows at places [first, first + into.size()) of the epoch's order.
  void rows_at(std::int64_t first, std::span<std::int64_t> into);

 private:
  void load_window(std::int64_t window);

  std::int64_t rows_;
  bool shuffle_;
  std::uint64_t seed_;
  std::int64_t epoch_ = 0;
  std::vector<std::int64_t> runs_;    // first row of each run, permuted
  std::vector<std::int64_t> window_;  // rows of the loaded window, shuffled
  std::int64_t loaded_ = -1;
  std::int64_t window_begin_ = 0;     // place of its first row
  std::vector<std::int64_t> begins_;  // place of the first row of each window
};

}  // namespace tenbin

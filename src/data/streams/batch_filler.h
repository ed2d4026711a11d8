// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "data/streams/streams.h"
#include "tensor/batch_stream.h"

namespace tenbin {

// The memory of one batch. `view` points into the vectors, or past them into the data.
struct BatchBuffer {
  std::vector<float> features, targets, weights;
  std::vector<std::int64_t> labels;
  Batch view;
};

// Makes batches, each from its number alone; what a kind of data has to write to become a stream.
// One thread at a time.
class BatchFiller {
 public:
  virtual ~BatchFiller() = default;
  virtual const Shape& feature_shape() const = 0;
  virtual std::int64_t rows() const = 0;
  virtual Status start_epoch(std::int64_t epoch) = 0;
  // Fills batch `index` of the epoch and sets `into.view`.
  virtual Status fill(std::int64_t index, BatchBuffer& into) = 0;
};

// A stream over a filler: on the reader's thread, or ahead on a thread of its own.
std::unique_ptr<BatchStream> stream_of(std::unique_ptr<BatchFiller> filler,
                                       const StreamOptions& options);

// Copies the targets of `rows` and pads to `batch` rows; sets the views and `view.rows`.
void fill_targets(const RowTargets& targets, std::span<const std::int64_t> rows, std::int64_t batch,
                  BatchBuffer& into);

}  // namespace tenbin

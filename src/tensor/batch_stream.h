// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "tensor/shape.h"

namespace tenbin {

// One batch, borrowed from the stream until the next call of next().
struct Batch {
  std::int64_t rows = 0;                 // real rows; the rest of the buffers is padding
  std::span<const float> features;       // [batch, ...feature_shape], row-major
  std::span<const std::int64_t> labels;  // [batch] class index, if classification
  std::span<const float> targets;        // [batch, outputs], if regression
  std::span<const float> weights;        // [batch] or empty
};

// Feeds training and evaluation. One consumer thread; implementations may prefetch.
class BatchStream {
 public:
  virtual ~BatchStream() = default;
  virtual const Shape& feature_shape() const = 0;  // of one row, e.g. [1, 28, 28] or [30]
  virtual std::int64_t batch_size() const = 0;     // rows of the buffers; the last batch of an
                                                   // epoch may hold fewer rows
  virtual std::int64_t rows_per_epoch() const = 0;
  // Begins epoch `epoch` at batch `first_batch`: order and augmentation depend on (seed, epoch)
  // alone, so a resumed run sees the same batches.
  virtual Status start_epoch(std::int64_t epoch, std::int64_t first_batch) = 0;
  // The next batch, or one with rows == 0 at the end of the epoch.
  virtual Result<Batch> next() = 0;
};

}  // namespace tenbin

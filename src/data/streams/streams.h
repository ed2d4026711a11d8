// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "tensor/batch_stream.h"

namespace tenbin {

class FileSystem;
class ReadableFile;
class AppendableFile;

struct StreamOptions {
  std::int64_t batch = 64;
  bool shuffle = true;  // order by (seed, epoch); else the order given
  std::uint64_t seed = 1;
  // A second thread fills a ring of three batches ahead of the reader. Worth it when making a batch
  // is slow (augmentation, files) and a CPU is free; a plain copy is faster without.
  bool prefetch = false;
};

// What is to be learned from each row. Empty spans where it does not apply. Borrowed.
struct RowTargets {
  std::span<const std::int64_t> labels = {};  // [rows]
  std::span<const float> values = {};         // [rows, outputs]
  std::int64_t outputs = 1;                   // of `values`
  std::span<const float> weights = {};        // [rows] or empty
};

// Rows of a float matrix [rows, ...feature_shape]. `features` and `targets` are borrowed and must
// outlive the stream, unless `keep` holds them. Unshuffled full batches are views, not copies.
// Asserts that the sizes agree.
std::unique_ptr<BatchStream> dense_stream(std::span<const float> features, Shape feature_shape,
                                          const RowTargets& targets, const StreamOptions& options,
                                          std::shared_ptr<const void> keep = nullptr);

// What happens to training images, drawn by (seed, epoch, row).
struct Augmentation {
  std::int64_t shift = 0;   // most pixels moved each way; uncovered pixels are black
  bool flip = false;        // left and right exchanged with probability 1/2
  std::int64_t cutout = 0;  // side of a square made black, 0: none
};

// The normalisation of the image transform: value = (pixel - mean[c]) * scale[c].
struct PixelScale {
  std::vector<float> mean, scale;  // per channel
};

// Images uint8 [images, ...image_shape], image_shape [height, width, channels], as float batches
// [batch, channels, height, width],
// bit-identical to the image transform's fragment. `rows` picks images (one target row each:
// targets are indexed like `rows`). Borrowed as above.
std::unique_ptr<BatchStream> image_stream(std::span<const std::uint8_t> pixels,
                                          const Shape& image_shape, std::vector<std::int64_t> rows,
                                          const RowTargets& targets, const PixelScale& scale,
                                          const Augmentation& augmentation,
                                          const StreamOptions& options,
                                          std::shared_ptr<const void> keep = nullptr);

// Writes feature rows to a scratch file for data larger than memory. It is read
// back by the same run only; a footer at its end says that it is whole.
class SpoolWriter {
 public:
  virtual ~SpoolWriter() = default;
  // `features` [n, width]; `targets` with n rows, always of the same kind.
  virtual Status append(std::span<const float> features, const RowTargets& targets) = 0;
  virtual std::int64_t rows() const = 0;
  // Makes the file whole; no append after it.
  virtual Status finish() = 0;
};
Result<std::unique_ptr<SpoolWriter>> create_spool(FileSystem& files, const std::string& path,
                                                  Shape feature_shape, const RowTargets& kind);

// Streams a finished spool file, reading runs of rows and shuffling among them; memory is about
// `memory` bytes whatever the file's size. Errors: kUnreadableData if it is not a whole spool.
Result<std::unique_ptr<BatchStream>> spooled_stream(FileSystem& files, const std::string& path,
                                                    const StreamOptions& options,
                                                    std::int64_t memory = std::int64_t{64} << 20);

}  // namespace tenbin

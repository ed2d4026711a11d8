// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cassert>

#include "data/streams/batch_filler.h"
#include "data/streams/row_order.h"
#include "platform/random.h"

namespace tenbin {
namespace {

// What is drawn for one image.
struct Draw {
  std::int64_t down = 0, right = 0;  // shift in pixels
  bool flip = false;
  std::int64_t cut_y = 0, cut_x = 0;  // corner of the cutout, may lie outside
};

class ImageFiller final : public BatchFiller {
 public:
  ImageFiller(std::span<const std::uint8_t> pixels, const Shape& image_shape,
              std::vector<std::int64_t> rows, const RowTargets& targets, const PixelScale& scale,
              const Augmentation& augmentation, const StreamOptions& options,
              std::shared_ptr<const void> keep)
      : pixels_(pixels),
        height_(image_shape[0]),
        width_(image_shape[1]),
        channels_(image_shape[2]),
        shape_{channels_, height_, width_},
        images_(std::move(rows)),
        targets_(targets),
        augmentation_(augmentation),
        options_(options),
        order_(static_cast<std::int64_t>(images_.size()), options.shuffle, options.seed),
        keep_(std::move(keep)),
        picked_(static_cast<std::size_t>(options.batch)) {
    assert(scale.mean.size() == static_cast<std::size_t>(channels_));
    values_.resize(scale.mean.size());
    for (std::size_t c = 0; c < values_.size(); ++c) {
      for (std::size_t v = 0; v < 256; ++v) {  // the fragment's Sub and Mul, in its order
        values_[c][v] = (static_cast<float>(v) - scale.mean[c]) * scale.scale[c];
      }
    }
  }

  const Shape& feature_shape() const override { return shape_; }
  std::int64_t rows() const override { return static_cast<std::int64_t>(images_.size()); }
  Status start_epoch(std::int64_t epoch) override {
    epoch_ = static_cast<std::uint64_t>(epoch);
    order_.start_epoch(epoch);
    return {};
  }

  Status fill(std::int64_t index, BatchBuffer& into) override {
    const std::int64_t first = index * options_.batch;
    const auto count = static_cast<std::size_t>(std::min(options_.batch, rows() - first));
    const std::span<std::int64_t> rows(picked_.data(), count);
    order_.rows_at(first, rows);
    const auto size = static_cast<std::size_t>(height_ * width_ * channels_);
    into.features.resize(picked_.size() * size);
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t image = images_[static_cast<std::size_t>(rows[i])];
      const std::uint8_t* src = pixels_.data() + static_cast<std::size_t>(image) * size;
      write(src, draw(static_cast<std::uint64_t>(rows[i])), into.features.data() + i * size);
    }
    std::fill(into.features.begin() + static_cast<std::ptrdiff_t>(count * size),
              into.features.end(), 0.0f);
    into.view = {};
    into.view.features = into.features;
    fill_targets(targets_, rows, options_.batch, into);
    return {};
  }

 private:
  Draw draw(std::uint64_t row) const {
    if (augmentation_.shift == 0 && !augmentation_.flip && augmentation_.cutout == 0) return {};
    // Another key than the order of rows has: the top bit of the seed is turned.
    const auto words =
        philox({static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(row >> 32),
                static_cast<std::uint32_t>(epoch_), static_cast<std::uint32_t>(epoch_ >> 32)},
               {static_cast<std::uint32_t>(options_.seed),
                static_cast<std::uint32_t>(options_.seed >> 32) ^ 0x80000000u});
    auto below = [](std::uint32_t bits16, std::int64_t bound) {
      return static_cast<std::int64_t>(
          (std::uint64_t{bits16} * static_cast<std::uint64_t>(bound)) >> 16);
    };
    const std::int64_t span = 2 * augmentation_.shift + 1;
    Draw out;
    out.down = below(words[0] & 0xffffu, span) - augmentation_.shift;
    out.right = below(words[0] >> 16, span) - augmentation_.shift;
    out.flip = augmentation_.flip && (words[1] & 1u) != 0;
    out.cut_y = below(words[2] & 0xffffu, height_) - augmentation_.cutout / 2;
    out.cut_x = below(words[2] >> 16, width_) - augmentation_.cutout / 2;
    return out;
  }

  // Pixels [height, width, channels] to planes. What is uncovered is black, as a border would be.
  void write(const std::uint8_t* src, const Draw& drawn, float* dst) const {
    const std::int64_t step = drawn.flip ? -channels_ : channels_;
    for (std::int64_t c = 0; c < channels_; ++c) {
      const std::array<float, 256>& value = values_[static_cast<std::size_t>(c)];
      for (std::int64_t y = 0; y < height_; ++y, dst += width_) {
        const std::int64_t from = y - drawn.down;
        if (from < 0 || from >= height_) {
          std::fill_n(dst, width_, value[0]);
          continue;
        }
        const std::int64_t begin = std::max<std::int64_t>(0, drawn.right);
        const std::int64_t end = std::min(width_, width_ + drawn.right);
        std::fill_n(dst, begin, value[0]);
        const std::int64_t x = begin - drawn.right;
        const std::uint8_t* pixel =
            src + (from * width_ + (drawn.flip ? width_ - 1 - x : x)) * channels_ + c;
        for (std::int64_t i = begin; i < end; ++i, pixel += step) dst[i] = value[*pixel];
        std::fill(dst + end, dst + width_, value[0]);
        if (y >= drawn.cut_y && y < drawn.cut_y + augmentation_.cutout) {
          const std::int64_t left = std::clamp<std::int64_t>(drawn.cut_x, 0, width_);
          const std::int64_t right =
              std::clamp<std::int64_t>(drawn.cut_x + augmentation_.cutout, 0, width_);
          std::fill(dst + left, dst + right, value[0]);
        }
      }
    }
  }

  std::span<const std::uint8_t> pixels_;
  std::int64_t height_, width_, channels_;
  Shape shape_;
  std::vector<std::int64_t> images_;
  RowTargets targets_;
  Augmentation augmentation_;
  StreamOptions options_;
  RowOrder order_;
  std::shared_ptr<const void> keep_;
  std::vector<std::int64_t> picked_;
  std::vector<std::array<float, 256>> values_;
  std::uint64_t epoch_ = 0;
};

}  // namespace

std::unique_ptr<BatchStream> image_stream(std::span<const std::uint8_t> pixels,
                                          const Shape& image_shape, std::vector<std::int64_t> rows,
                                          const RowTargets& targets, const PixelScale& scale,
                                          const Augmentation& augmentation,
                                          const StreamOptions& options,
                                          std::shared_ptr<const void> keep) {
  return stream_of(std::make_unique<ImageFiller>(pixels, image_shape, std::move(rows), targets,
                                                 scale, augmentation, options, std::move(keep)),
                   options);
}

}  // namespace tenbin

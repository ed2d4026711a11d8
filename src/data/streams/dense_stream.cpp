// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <cstring>

#include "data/streams/batch_filler.h"
#include "data/streams/row_order.h"

namespace tenbin {
namespace {

constexpr std::size_t kAhead = 12;  // rows asked for before they are copied

class DenseFiller final : public BatchFiller {
 public:
  DenseFiller(std::span<const float> features, Shape shape, const RowTargets& targets,
              const StreamOptions& options, std::shared_ptr<const void> keep)
      : features_(features),
        shape_(std::move(shape)),
        targets_(targets),
        options_(options),
        width_(static_cast<std::size_t>(count_of(shape_))),
        rows_(static_cast<std::int64_t>(width_ == 0 ? 0 : features.size() / width_)),
        order_(rows_, options.shuffle, options.seed),
        keep_(std::move(keep)),
        picked_(static_cast<std::size_t>(options.batch)) {
    assert(options.batch > 0);
    assert(targets.labels.empty() || targets.labels.size() == static_cast<std::size_t>(rows_));
  }

  const Shape& feature_shape() const override { return shape_; }
  std::int64_t rows() const override { return rows_; }
  Status start_epoch(std::int64_t epoch) override {
    order_.start_epoch(epoch);
    return {};
  }

  Status fill(std::int64_t index, BatchBuffer& into) override {
    const std::int64_t first = index * options_.batch;
    const auto count = static_cast<std::size_t>(std::min(options_.batch, rows_ - first));
    if (!options_.shuffle && count == picked_.size()) {
      view(static_cast<std::size_t>(first), count, into);
      return {};
    }
    const std::span<std::int64_t> rows(picked_.data(), count);
    order_.rows_at(first, rows);
    into.features.resize(picked_.size() * width_);
    gather(rows, into.features.data());
    std::fill(into.features.begin() + static_cast<std::ptrdiff_t>(count * width_),
              into.features.end(), 0.0f);
    into.view = {};
    into.view.features = into.features;
    fill_targets(targets_, rows, options_.batch, into);
    return {};
  }

 private:
  void view(std::size_t first, std::size_t count, BatchBuffer& into) const {
    const auto outputs = static_cast<std::size_t>(targets_.outputs);
    into.view = {};
    into.view.rows = static_cast<std::int64_t>(count);
    into.view.features = features_.subspan(first * width_, count * width_);
    if (!targets_.labels.empty()) into.view.labels = targets_.labels.subspan(first, count);
    if (!targets_.values.empty()) {
      into.view.targets = targets_.values.subspan(first * outputs, count * outputs);
    }
    if (!targets_.weights.empty()) into.view.weights = targets_.weights.subspan(first, count);
  }

  void gather(std::span<const std::int64_t> rows, float* dst) const {
    const std::size_t bytes = width_ * sizeof(float);
    auto row_at = [&](std::size_t i) {
      return features_.data() + static_cast<std::size_t>(rows[i]) * width_;
    };
    auto ask = [&](std::size_t i) {
      const char* src = reinterpret_cast<const char*>(row_at(i));
      const std::size_t most = std::min<std::size_t>(bytes, 1024);  // hardware follows long rows
      for (std::size_t b = 0; b < most; b += 64) __builtin_prefetch(src + b);
    };
    for (std::size_t i = 0; i < std::min(kAhead, rows.size()); ++i) ask(i);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + kAhead < rows.size()) ask(i + kAhead);
      std::memcpy(dst + i * width_, row_at(i), bytes);
    }
  }

  std::span<const float> features_;
  Shape shape_;
  RowTargets targets_;
  StreamOptions options_;
  std::size_t width_;
  std::int64_t rows_;
  RowOrder order_;
  std::shared_ptr<const void> keep_;
  std::vector<std::int64_t> picked_;
};

}  // namespace

std::unique_ptr<BatchStream> dense_stream(std::span<const float> features, Shape feature_shape,
                                          const RowTargets& targets, const StreamOptions& options,
                                          std::shared_ptr<const void> keep) {
  return stream_of(std::make_unique<DenseFiller>(features, std::move(feature_shape), targets,
                                                 options, std::move(keep)),
                   options);
}

}  // namespace tenbin

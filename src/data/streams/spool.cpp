// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <numeric>

#include "data/streams/batch_filler.h"
#include "data/streams/streams.h"
#include "platform/file_system.h"
#include "platform/random.h"

namespace tenbin {
namespace {

// What the rows are; at the end of the file so that an unfinished file has none. Little-endian.
struct Footer {
  std::array<char, 8> magic = {'T', 'N', 'B', 'S', 'P', 'O', 'L', '1'};
  std::int64_t rows = 0, outputs = 0;  // outputs: floats of a regression target, 0: none
  std::uint32_t labels = 0, weights = 0, rank = 0, unused = 0;
  std::array<std::int64_t, 8> shape{};
};

constexpr std::size_t kRun = 256;  // rows read at once

// Floats of features, targets and weight, then the label: one row of the file.
struct Layout {
  std::size_t features = 0, outputs = 0, weights = 0, labels = 0;
  std::size_t floats() const { return features + outputs + weights; }
  std::size_t bytes() const { return floats() * sizeof(float) + labels * sizeof(std::int64_t); }
};

Layout layout_of(const Footer& footer) {
  Layout out;
  out.features = 1;
  for (std::uint32_t d = 0; d < footer.rank; ++d) {
    out.features *= static_cast<std::size_t>(footer.shape[d]);
  }
  out.outputs = static_cast<std::size_t>(footer.outputs);
  out.weights = footer.weights;
  out.labels = footer.labels;
  return out;
}

class Writer final : public SpoolWriter {
 public:
  Writer(std::unique_ptr<AppendableFile> file, const Footer& footer)
      : file_(std::move(file)), footer_(footer), layout_(layout_of(footer)) {}

  Status append(std::span<const float> features, const RowTargets& targets) override {
    const std::size_t rows = features.size() / layout_.features;
    assert(targets.labels.size() == rows * layout_.labels);
    assert(targets.values.size() == rows * layout_.outputs);
    assert(targets.weights.size() == rows * layout_.weights);
    bytes_.resize(rows * layout_.bytes());
    std::byte* dst = bytes_.data();
    auto put = [&](const void* src, std::size_t size) {
      if (size > 0) std::memcpy(dst, src, size);
      dst += size;
    };
    for (std::size_t r = 0; r < rows; ++r) {
      put(features.data() + r * layout_.features, layout_.features * sizeof(float));
      put(targets.values.data() + r * layout_.outputs, layout_.outputs * sizeof(float));
      put(targets.weights.data() + r * layout_.weights, layout_.weights * sizeof(float));
      put(targets.labels.data() + r * layout_.labels, layout_.labels * sizeof(std::int64_t));
    }
    footer_.rows += static_cast<std::int64_t>(rows);
    return file_->append(bytes_);
  }
  std::int64_t rows() const override { return footer_.rows; }
  Status finish() override { return file_->append(std::as_bytes(std::span(&footer_, 1))); }

 private:
  std::unique_ptr<AppendableFile> file_;
  Footer footer_;
  Layout layout_;
  std::vector<std::byte> bytes_;
};

// Windows of runs: runs are permuted over the file; a window of them is read, then shuffled.
class SpoolFiller final : public BatchFiller {
 public:
  SpoolFiller(std::unique_ptr<ReadableFile> file, const Footer& footer,
              const StreamOptions& options, std::int64_t memory)
      : file_(std::move(file)),
        footer_(footer),
        layout_(layout_of(footer)),
        options_(options),
        shape_(footer.shape.begin(), footer.shape.begin() + footer.rank) {
    const std::size_t run_bytes = kRun * layout_.bytes();
    window_runs_ = std::max<std::size_t>(2, static_cast<std::size_t>(memory) / run_bytes);
  }

  const Shape& feature_shape() const override { return shape_; }
  std::int64_t rows() const override { return footer_.rows; }

  Status start_epoch(std::int64_t epoch) override {
    epoch_ = static_cast<std::uint64_t>(epoch);
    loaded_ = -1;
    const auto count = (static_cast<std::size_t>(footer_.rows) + kRun - 1) / kRun;
    runs_.resize(count);
    std::iota(runs_.begin(), runs_.end(), std::int64_t{0});
    if (options_.shuffle) Random(options_.seed, epoch_ << 20).shuffle(runs_);
    begins_ = {0};
    for (std::size_t r = 0; r < count; r += window_runs_) {
      std::int64_t size = 0;
      for (std::size_t i = r; i < std::min(count, r + window_runs_); ++i) {
        size += static_cast<std::int64_t>(run_rows(i));
      }
      begins_.push_back(begins_.back() + size);
    }
    return {};
  }

  Status fill(std::int64_t index, BatchBuffer& into) override {
    const std::int64_t first = index * options_.batch;
    const std::int64_t count = std::min(options_.batch, footer_.rows - first);
    const auto batch = static_cast<std::size_t>(options_.batch);
    into.features.assign(batch * layout_.features, 0);
    into.targets.assign(batch * layout_.outputs, 0);
    into.weights.assign(batch * layout_.weights, 0);
    into.labels.assign(batch * layout_.labels, 0);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto after = std::upper_bound(begins_.begin(), begins_.end(), first + i);
      const std::int64_t window = after - begins_.begin() - 1;
      if (window != loaded_) TENBIN_CHECK(load(window));
      const auto place =
          static_cast<std::size_t>(first + i - begins_[static_cast<std::size_t>(window)]);
      copy_row(static_cast<std::size_t>(order_[place]), static_cast<std::size_t>(i), into);
    }
    into.view = {count, into.features, into.labels, into.targets, into.weights};
    return {};
  }

 private:
  std::size_t run_rows(std::size_t place) const {
    const auto begin = static_cast<std::size_t>(runs_[place]) * kRun;
    return std::min(kRun, static_cast<std::size_t>(footer_.rows) - begin);
  }

  Status load(std::int64_t window) {
    const std::size_t first = static_cast<std::size_t>(window) * window_runs_;
    const std::size_t last = std::min(runs_.size(), first + window_runs_);
    bytes_.resize(window_runs_ * kRun * layout_.bytes());
    std::size_t at = 0;
    for (std::size_t r = first; r < last; ++r) {
      const std::size_t size = run_rows(r) * layout_.bytes();
      const std::int64_t offset = runs_[r] * static_cast<std::int64_t>(kRun * layout_.bytes());
      TENBIN_TRY(const std::size_t read,
                 file_->read_at(offset, std::span(bytes_).subspan(at, size)));
      if (read != size) return Error(ErrorCode::kUnreadableData, "spool file is cut short");
      at += size;
    }
    order_.resize(at / layout_.bytes());
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
    if (options_.shuffle) {
      Random(options_.seed, (epoch_ << 20) + 1 + static_cast<std::uint64_t>(window))
          .shuffle(order_);
    }
    loaded_ = window;
    return {};
  }

  void copy_row(std::size_t from, std::size_t to, BatchBuffer& into) const {
    const std::byte* src = bytes_.data() + from * layout_.bytes();
    auto take = [&](void* dst, std::size_t size) {
      if (size > 0) std::memcpy(dst, src, size);
      src += size;
    };
    take(into.features.data() + to * layout_.features, layout_.features * sizeof(float));
    take(into.targets.data() + to * layout_.outputs, layout_.outputs * sizeof(float));
    take(into.weights.data() + to * layout_.weights, layout_.weights * sizeof(float));
    take(into.labels.data() + to * layout_.labels, layout_.labels * sizeof(std::int64_t));
  }

  std::unique_ptr<ReadableFile> file_;
  Footer footer_;
  Layout layout_;
  StreamOptions options_;
  Shape shape_;
  std::size_t window_runs_ = 0;
  std::uint64_t epoch_ = 0;
  std::vector<std::int64_t> runs_, begins_, order_;
  std::vector<std::byte> bytes_;
  std::int64_t loaded_ = -1;
};

Status check(const Footer& footer, std::int64_t size) {
  bool good = footer.magic == Footer{}.magic && footer.rank <= footer.shape.size() &&
              footer.rows >= 0 && footer.outputs >= 0 && footer.outputs <= 1'000'000 &&
              footer.labels <= 1 && footer.weights <= 1;
  if (good) {
    const Shape shape(footer.shape.begin(), footer.shape.begin() + footer.rank);
    const auto count = element_count(shape);
    good = count.ok() && *count > 0;
  }
  if (good) {
    const std::int64_t body = size - static_cast<std::int64_t>(sizeof(Footer));
    const auto row = static_cast<std::int64_t>(layout_of(footer).bytes());
    good = body % row == 0 && body / row == footer.rows;
  }
  if (!good) return Error(ErrorCode::kUnreadableData, "not a whole spool file");
  return {};
}

}  // namespace

Result<std::unique_ptr<SpoolWriter>> create_spool(FileSystem& files, const std::string& path,
                                                  Shape feature_shape, const RowTargets& kind) {
  Footer footer;
  assert(feature_shape.size() <= footer.shape.size());
  footer.rank = static_cast<std::uint32_t>(feature_shape.size());
  std::copy(feature_shape.begin(), feature_shape.end(), footer.shape.begin());
  footer.outputs = kind.values.empty() ? 0 : kind.outputs;
  footer.labels = kind.labels.empty() ? 0 : 1;
  footer.weights = kind.weights.empty() ? 0 : 1;
  TENBIN_TRY(auto file, files.create(path));
  return std::unique_ptr<SpoolWriter>(std::make_unique<Writer>(std::move(file), footer));
}

Result<std::unique_ptr<BatchStream>> spooled_stream(FileSystem& files, const std::string& path,
                                                    const StreamOptions& options,
                                                    std::int64_t memory) {
  TENBIN_TRY(auto file, files.open(path));
  TENBIN_TRY(const std::int64_t size, file->size());
  Footer footer;
  footer.magic = {};
  const auto tail = static_cast<std::int64_t>(sizeof(Footer));
  if (size >= tail) {
    TENBIN_TRY(const std::size_t read,
               file->read_at(size - tail, std::as_writable_bytes(std::span(&footer, 1))));
    if (read != sizeof(Footer)) footer.magic = {};
  }
  if (Status status = check(footer, size); !status.ok()) return Error(status.error()).at(path);
  return stream_of(std::make_unique<SpoolFiller>(std::move(file), footer, options, memory),
                   options);
}

}  // namespace tenbin

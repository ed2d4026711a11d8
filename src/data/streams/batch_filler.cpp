// SPDX-License-Identifier: Apache-2.0
#include "data/streams/batch_filler.h"

#include <array>
#include <atomic>
#include <optional>
#include <thread>

namespace tenbin {
namespace {

class DirectStream final : public BatchStream {
 public:
  DirectStream(std::unique_ptr<BatchFiller> filler, std::int64_t batch)
      : filler_(std::move(filler)), batch_(batch) {}

  const Shape& feature_shape() const override { return filler_->feature_shape(); }
  std::int64_t batch_size() const override { return batch_; }
  std::int64_t rows_per_epoch() const override { return filler_->rows(); }
  Status start_epoch(std::int64_t epoch, std::int64_t first_batch) override {
    next_ = first_batch;
    return filler_->start_epoch(epoch);
  }
  Result<Batch> next() override {
    if (next_ * batch_ >= filler_->rows()) return Batch{};
    TENBIN_CHECK(filler_->fill(next_++, buffer_));
    return buffer_.view;
  }

 private:
  std::unique_ptr<BatchFiller> filler_;
  std::int64_t batch_;
  std::int64_t next_ = 0;
  BatchBuffer buffer_;
};

// One producer, one consumer, a ring of buffers; each side owns one counter and sleeps on the
// other's only when the ring is full or empty.
class PrefetchStream final : public BatchStream {
 public:
  PrefetchStream(std::unique_ptr<BatchFiller> filler, std::int64_t batch)
      : filler_(std::move(filler)), batch_(batch) {}
  ~PrefetchStream() override { stop(); }

  const Shape& feature_shape() const override { return filler_->feature_shape(); }
  std::int64_t batch_size() const override { return batch_; }
  std::int64_t rows_per_epoch() const override { return filler_->rows(); }

  Status start_epoch(std::int64_t epoch, std::int64_t first_batch) override {
    stop();
    TENBIN_CHECK(filler_->start_epoch(epoch));
    made_.store(0);
    taken_.store(0);
    stopping_.store(false);
    holding_ = false;
    const std::int64_t batches = (filler_->rows() + batch_ - 1) / batch_;
    left_ = std::max<std::int64_t>(0, batches - first_batch);
    if (left_ == 0) return {};
    producer_ = std::thread([this, first_batch, count = left_] { produce(first_batch, count); });
    return {};
  }

  Result<Batch> next() override {
    if (holding_) {  // the reader is done with the batch it had
      holding_ = false;
      taken_.fetch_add(1, std::memory_order_release);
      taken_.notify_one();
    }
    if (left_ == 0) return Batch{};
    --left_;
    const std::uint32_t mine = taken_.load(std::memory_order_relaxed);
    for (std::uint32_t made = made_.load(std::memory_order_acquire); made == mine;
         made = made_.load(std::memory_order_acquire)) {
      made_.wait(made, std::memory_order_acquire);
    }
    Slot& slot = ring_[mine % kSlots];
    holding_ = true;
    if (slot.error) {
      left_ = 0;
      return *slot.error;
    }
    return slot.buffer.view;
  }

 private:
  static constexpr std::uint32_t kSlots = 3;
  struct Slot {
    BatchBuffer buffer;
    std::optional<Error> error;
  };

  void produce(std::int64_t first, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const std::uint32_t made = made_.load(std::memory_order_relaxed);
      for (std::uint32_t taken = taken_.load(std::memory_order_acquire);
           made - taken >= kSlots && !stopping_.load();
           taken = taken_.load(std::memory_order_acquire)) {
        taken_.wait(taken, std::memory_order_acquire);
      }
      if (stopping_.load()) return;
      Slot& slot = ring_[made % kSlots];
      slot.error.reset();
      if (Status status = filler_->fill(first + i, slot.buffer); !status.ok()) {
        slot.error = status.error();
      }
      const bool failed = slot.error.has_value();
      made_.fetch_add(1, std::memory_order_release);
      made_.notify_one();
      if (failed) return;
    }
  }

  void stop() {
    if (!producer_.joinable()) return;
    stopping_.store(true);
    taken_.fetch_add(1);  // wakes a producer that sleeps on a full ring
    taken_.notify_one();
    producer_.join();
  }

  std::unique_ptr<BatchFiller> filler_;
  std::int64_t batch_;
  std::array<Slot, kSlots> ring_;
  alignas(64) std::atomic<std::uint32_t> made_{0};
  alignas(64) std::atomic<std::uint32_t> taken_{0};
  std::atomic<bool> stopping_{false};
  bool holding_ = false;
  std::int64_t left_ = 0;
  std::thread producer_;
};

}  // namespace

std::unique_ptr<BatchStream> stream_of(std::unique_ptr<BatchFiller> filler,
                                       const StreamOptions& options) {
  if (options.prefetch) return std::make_unique<PrefetchStream>(std::move(filler), options.batch);
  return std::make_unique<DirectStream>(std::move(filler), options.batch);
}

void fill_targets(const RowTargets& targets, std::span<const std::int64_t> rows, std::int64_t batch,
                  BatchBuffer& into) {
  const auto size = static_cast<std::size_t>(batch);
  into.view.rows = static_cast<std::int64_t>(rows.size());
  if (!targets.labels.empty()) {
    into.labels.assign(size, 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      into.labels[i] = targets.labels[static_cast<std::size_t>(rows[i])];
    }
    into.view.labels = into.labels;
  }
  if (!targets.values.empty()) {
    const auto outputs = static_cast<std::size_t>(targets.outputs);
    into.targets.assign(size * outputs, 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t o = 0; o < outputs; ++o) {
        into.targets[i * outputs + o] =
            targets.values[static_cast<std::size_t>(rows[i]) * outputs + o];
      }
    }
    into.view.targets = into.targets;
  }
  if (!targets.weights.empty()) {
    into.weights.assign(size, 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      into.weights[i] = targets.weights[static_cast<std::size_t>(rows[i])];
    }
    into.view.weights = into.weights;
  }
}

}  // namespace tenbin

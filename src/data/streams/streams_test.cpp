// SPDX-License-Identifier: Apache-2.0
#include "data/streams/streams.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "platform/file_system.h"

namespace tenbin {
namespace {

// Labels in the order an epoch gives them, from batch `first_batch`; checks that features belong.
std::vector<std::int64_t> labels_of(BatchStream& stream, std::int64_t epoch,
                                    std::int64_t first_batch = 0) {
  std::vector<std::int64_t> out;
  EXPECT_TRUE(stream.start_epoch(epoch, first_batch).ok());
  const auto width = static_cast<std::size_t>(count_of(stream.feature_shape()));
  for (;;) {
    auto batch = stream.next();
    if (!batch.ok() || batch->rows == 0) break;
    for (std::size_t i = 0; i < static_cast<std::size_t>(batch->rows); ++i) {
      out.push_back(batch->labels[i]);
      EXPECT_EQ(batch->features[i * width], static_cast<float>(batch->labels[i]));
    }
  }
  return out;
}

struct Rows {
  explicit Rows(std::int64_t rows) : features(static_cast<std::size_t>(rows) * 2) {
    for (std::int64_t r = 0; r < rows; ++r) {
      labels.push_back(r);
      features[static_cast<std::size_t>(r) * 2] = static_cast<float>(r);
    }
  }
  std::vector<float> features;
  std::vector<std::int64_t> labels;
};

TEST(DenseStream, EachEpochHoldsEveryRowOnce) {
  // 100 rows: one short batch. 70,001: more than two windows, a short run. 1: the least.
  for (const std::int64_t count : {std::int64_t{100}, std::int64_t{70'001}, std::int64_t{1}}) {
    for (const bool prefetch : {false, true}) {
      const Rows rows(count);
      StreamOptions options;
      options.prefetch = prefetch;
      auto stream = dense_stream(rows.features, {2}, {.labels = rows.labels}, options);
      const auto first = labels_of(*stream, 0);
      const auto second = labels_of(*stream, 1);
      EXPECT_EQ(labels_of(*stream, 0), first) << "depends on (seed, epoch) alone";
      auto sorted = first;
      std::sort(sorted.begin(), sorted.end());
      EXPECT_EQ(sorted, rows.labels);
      if (count == 1) continue;
      EXPECT_NE(first, second);
      EXPECT_NE(first, rows.labels);
      const auto rest = labels_of(*stream, 1, 1);
      EXPECT_EQ(rest, std::vector<std::int64_t>(second.begin() + 64, second.end()))
          << "a resumed epoch goes on where it was";
    }
  }
}

TEST(DenseStream, UnshuffledBatchesAreViewsAndShortOnesArePadded) {
  const Rows rows(66);
  StreamOptions options;
  options.shuffle = false;
  auto stream = dense_stream(rows.features, {2}, {.labels = rows.labels}, options);
  ASSERT_TRUE(stream->start_epoch(0, 0).ok());
  EXPECT_EQ(stream->next()->features.data(), rows.features.data());
  const Batch last = *stream->next();
  EXPECT_EQ(last.rows, 2);
  EXPECT_EQ(last.features.size(), 128u) << "buffers keep the size of a batch";
  EXPECT_EQ(last.features[4], 0);
  EXPECT_EQ(stream->next()->rows, 0);
}

TEST(DenseStream, PrefetchMayBeLeftInTheMiddle) {
  const Rows rows(10'000);
  StreamOptions options;
  options.prefetch = true;
  auto stream = dense_stream(rows.features, {2}, {.labels = rows.labels}, options);
  for (std::int64_t epoch = 0; epoch < 50; ++epoch) {
    ASSERT_TRUE(stream->start_epoch(epoch, 0).ok());
    ASSERT_EQ(stream->next()->rows, 64);
  }
}

TEST(ImageStream, NormalisesToPlanesAndShifts) {
  const std::vector<std::uint8_t> pixels = {10, 1, 20, 2, 30, 3, 40, 4};  // [1, 2, 2, 2]
  const std::vector<std::int64_t> labels = {7};
  const PixelScale scale{{10, 0}, {0.5f, 1}};
  StreamOptions options;
  options.batch = 1;
  auto plain = image_stream(pixels, {2, 2, 2}, {0}, {.labels = labels}, scale, {}, options);
  ASSERT_TRUE(plain->start_epoch(0, 0).ok());
  const Batch batch = *plain->next();
  EXPECT_EQ(std::vector<float>(batch.features.begin(), batch.features.end()),
            (std::vector<float>{0, 5, 10, 15, 1, 2, 3, 4}));
  const Augmentation augmentation{.shift = 1, .flip = true};
  auto moved =
      image_stream(pixels, {2, 2, 2}, {0}, {.labels = labels}, scale, augmentation, options);
  std::vector<std::vector<float>> seen;
  for (std::int64_t epoch = 0; epoch < 40; ++epoch) {
    ASSERT_TRUE(moved->start_epoch(epoch, 0).ok());
    const Batch drawn = *moved->next();
    seen.emplace_back(drawn.features.begin(), drawn.features.end());
    for (const float v : std::span(seen.back()).subspan(4)) {
      EXPECT_TRUE(v >= 0 && v <= 4 && v == static_cast<float>(static_cast<int>(v)));
    }
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_GT(std::unique(seen.begin(), seen.end()) - seen.begin(), 8) << "epochs differ";
}

TEST(SpooledStream, EveryRowOnceWithLittleMemory) {
  FileSystem& files = real_file_system();
  const std::string path = testing::TempDir() + "/tenbin_spool_test";
  const Rows rows(5'000);
  auto writer = create_spool(files, path, {2}, {.labels = rows.labels});
  ASSERT_TRUE(writer.ok());
  const std::span<const float> all(rows.features);
  const std::span<const std::int64_t> labels(rows.labels);
  ASSERT_TRUE((*writer)->append(all.first(6'000), {.labels = labels.first(3'000)}).ok());
  EXPECT_FALSE(spooled_stream(files, path, {}).ok()) << "not whole before finish()";
  ASSERT_TRUE((*writer)->append(all.subspan(6'000), {.labels = labels.subspan(3'000)}).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  auto stream = spooled_stream(files, path, {}, 16'384);
  ASSERT_TRUE(stream.ok());
  const auto first = labels_of(**stream, 0);
  EXPECT_NE(first, labels_of(**stream, 1));
  const auto rest = labels_of(**stream, 0, 20);
  EXPECT_EQ(rest, std::vector<std::int64_t>(first.begin() + 20 * 64, first.end()));
  auto sorted = first;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, rows.labels);
  ASSERT_TRUE(files.remove(path).ok());
}

}  // namespace
}  // namespace tenbin

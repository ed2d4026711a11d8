// SPDX-License-Identifier: Apache-2.0
// Feeding batches: 200,000 rows of 64 floats, batch 64, shuffled. Prints rows a second as the
// median of the epochs, with the fastest and slowest, and checks that each epoch held every row.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "base/units.h"
#include "data/streams/streams.h"
#include "platform/clock.h"

namespace {

using namespace tenbin;

constexpr std::int64_t kRows = 200'000, kWidth = 64;

struct Answer {
  double sum = 0;  // of the first feature: a row's number
  std::int64_t rows = 0;
};

Answer read_epoch(BatchStream& stream, std::int64_t epoch) {
  Answer out;
  if (!stream.start_epoch(epoch, 0).ok()) return out;
  for (;;) {
    const auto batch = stream.next();
    if (!batch.ok() || batch->rows == 0) return out;
    for (std::int64_t r = 0; r < batch->rows; ++r) {
      out.sum += static_cast<double>(batch->features[static_cast<std::size_t>(r * kWidth)]);
    }
    out.rows += batch->rows;
  }
}

bool measure(const char* name, BatchStream& stream, std::int64_t epochs) {
  std::vector<double> rates;
  const double expected = static_cast<double>(kRows) * static_cast<double>(kRows - 1) / 2;
  for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
    const Duration begin = real_clock().steady_now();
    const Answer answer = read_epoch(stream, epoch);
    const Duration end = real_clock().steady_now();
    if (answer.rows != kRows || answer.sum != expected) {
      std::printf("%s: wrong answer in epoch %d\n", name, static_cast<int>(epoch));
      return false;
    }
    if (epoch > 0) rates.push_back(static_cast<double>(kRows) / in_seconds(end - begin) / 1e6);
  }
  if (rates.empty()) return true;  // --check: the answer alone
  std::sort(rates.begin(), rates.end());
  std::printf("%s: median %.1f M rows/s (%.1f to %.1f, %zu epochs), checksum good\n", name,
              rates[rates.size() / 2], rates.front(), rates.back(), rates.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const bool check = argc > 1 && std::strcmp(argv[1], "--check") == 0;
  std::vector<float> features(static_cast<std::size_t>(kRows * kWidth), 1.0f);
  std::vector<std::int64_t> labels(static_cast<std::size_t>(kRows), 0);
  for (std::int64_t r = 0; r < kRows; ++r) {
    features[static_cast<std::size_t>(r * kWidth)] = static_cast<float>(r);
  }
  RowTargets targets;
  targets.labels = labels;
  bool good = true;
  for (const bool prefetch : {false, true}) {
    StreamOptions options;
    options.prefetch = prefetch;
    const auto stream = dense_stream(features, {kWidth}, targets, options);
    good = measure(prefetch ? "ring on a second thread" : "gather on the reader's thread", *stream,
                   check ? 1 : 21) &&
           good;
  }
  return good ? 0 : 1;
}

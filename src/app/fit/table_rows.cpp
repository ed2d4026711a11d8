// SPDX-License-Identifier: Apache-2.0
#include "app/fit/table_rows.h"

#include <algorithm>

#include "app/fit/pace.h"
#include "data/streams/streams.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/file_system.h"
#include "platform/random.h"

namespace tenbin {
namespace {

constexpr std::int64_t kWindow = std::int64_t{64} << 20;  // [B] of a spool that is in memory

// As many training rows as may be held, drawn by the seed, ascending.
std::vector<std::int64_t> sample_of(const std::vector<std::int64_t>& rows, std::int64_t most,
                                    std::uint64_t seed) {
  std::vector<std::int64_t> out = rows;
  Random(seed, 0x73616d70).shuffle(out);
  out.resize(static_cast<std::size_t>(most));
  std::sort(out.begin(), out.end());
  return out;
}

Status write_spool(const Prepared& p, const LearnContext& c, const TargetScale& scale,
                   TableRows& rows) {
  std::unique_ptr<SpoolWriter> writer;
  Digest digest;
  TENBIN_CHECK(for_features(
      p, p.cleaning.train, c.threads,
      [&](std::span<const float> features, std::span<const std::int64_t> part) -> Status {
        const Answers answers = answers_of(p.target, part, scale);
        if (writer == nullptr) {
          TENBIN_TRY(writer, create_spool(c.files, rows.spool, p.features.feature_shape,
                                          answers.targets()));
        }
        if (Status go = c.may_go_on(); !go.ok()) return go;
        digest.add(digest_of(std::as_bytes(features), answers));
        return writer->append(features, answers.targets());
      }));
  rows.digest = digest.hex();
  return writer->finish();
}

// How long the test rows will take, if `rows` took so long.
Duration expected_for_test(const Prepared& p, std::int64_t rows, Duration took) {
  const auto test = static_cast<std::int64_t>(p.split.test.size());
  const double share =
      static_cast<double>(test) / static_cast<double>(std::max<std::int64_t>(1, rows));
  return seconds(in_seconds(took) * share);
}

}  // namespace

std::string digest_of(std::span<const std::byte> features, const Answers& answers) {
  Digest digest;
  digest.add(features);
  digest.add(std::as_bytes(std::span(answers.labels)));
  digest.add(std::as_bytes(std::span(answers.values)));
  return digest.hex();
}

Result<TableRows> table_rows(const Prepared& p, const LearnContext& c, const TargetScale& scale) {
  TableRows rows;
  const Duration began = c.clock.steady_now();
  const std::int64_t row_bytes = p.features.width() * std::int64_t{sizeof(float)};
  const auto count = static_cast<std::int64_t>(p.cleaning.train.size());
  const std::int64_t most =
      std::max<std::int64_t>(c.options.read.memory_limit.count / row_bytes, 1);
  const std::vector<std::int64_t>* held = &p.cleaning.train;
  std::vector<std::int64_t> sample;
  if (count > most) {
    rows.spool = join_path(c.options.output, "features.spool");
    c.observer.tell("features of " + std::to_string(count) + " training rows take " +
                    to_text(Bytes{count * row_bytes}) + ", more than --memory-limit " +
                    to_text(c.options.read.memory_limit) + ": networks read them from a file, " +
                    "trees learn from " + std::to_string(most) + " of them");
    if (const Status written = write_spool(p, c, scale, rows); !written.ok()) {
      const SpoolRemover remover(c.files, rows.spool);
      return written.error();
    }
    sample = sample_of(p.cleaning.train, most, static_cast<std::uint64_t>(c.options.seed));
    held = &sample;
  }
  TENBIN_TRY(rows.train_features, run_features(p, *held, c.threads, c.may_go_on));
  TENBIN_TRY(rows.valid_features, run_features(p, p.split.valid, c.threads, c.may_go_on));
  rows.train = answers_of(p.target, *held, scale);
  rows.valid = answers_of(p.target, p.split.valid, scale);
  if (rows.spool.empty()) {
    rows.digest = digest_of(std::as_bytes(rows.train_features.data<float>()), rows.train);
  }
  // Test rows need their features too, and a network on top.
  keep_for_scoring(c, expected_for_test(p, count + rows.valid_features.shape()[0],
                                        c.clock.steady_now() - began));
  return rows;
}

Result<std::unique_ptr<BatchStream>> training_stream(const TableRows& rows, const Prepared& p,
                                                     const LearnContext& c, std::int64_t batch) {
  const StreamOptions options{batch, true, static_cast<std::uint64_t>(c.options.seed), false};
  if (!rows.spool.empty()) return spooled_stream(c.files, rows.spool, options, kWindow);
  return dense_stream(rows.train_features.data<float>(), p.features.feature_shape,
                      rows.train.targets(), options);
}

SpoolRemover::~SpoolRemover() {
  if (!path_.empty()) (void)files_.remove(path_).ok();
}

}  // namespace tenbin

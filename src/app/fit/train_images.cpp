// SPDX-License-Identifier: Apache-2.0
#include "app/fit/train_images.h"

#include <algorithm>

#include "app/fit/table_rows.h"

namespace tenbin {

std::int64_t image_batch(const Prepared& p) {
  // Few rows still give the steps that running means of batch norm need to follow the weights.
  const auto images = static_cast<std::int64_t>(p.cleaning.train.size());
  return std::clamp<std::int64_t>(images / 16, 16, 128);
}

std::int64_t most_epochs(const FitOptions& options) {
  return options.epochs > 0 ? options.epochs : 24;
}

Result<ImageRows> image_rows(const Prepared& p) {
  const auto scale = pixel_scale(p.features);
  const Column* images = p.data.table.find(p.features.fragment.inputs.front().name);
  if (!scale || images == nullptr) return Error(ErrorCode::kBug, "image features without a scale");
  ImageRows rows;
  rows.pixels = images->images.data<std::uint8_t>();
  rows.image_shape = Shape(images->images.shape().begin() + 1, images->images.shape().end());
  rows.scale = *scale;
  rows.train = answers_of(p.target, p.cleaning.train, {});
  rows.valid = answers_of(p.target, p.split.valid, {});
  rows.digest = digest_of(std::as_bytes(rows.pixels), rows.train);
  return rows;
}

Streams image_streams(const ImageRows& rows, const Prepared& p, const Candidate& candidate,
                      const Augmentation& augmentation) {
  Streams streams;
  streams.train = image_stream(rows.pixels, rows.image_shape, p.cleaning.train,
                               rows.train.targets(), rows.scale, augmentation,
                               {candidate.batch, true, candidate.training.seed, false});
  streams.valid = image_stream(rows.pixels, rows.image_shape, p.split.valid, rows.valid.targets(),
                               rows.scale, {}, {candidate.batch, false, 1, false});
  return streams;
}

Status train_images(Candidate& candidate, std::size_t number, Streams& streams,
                    const Answers& valid, const std::string& why, const Prepared& p,
                    const LearnContext& c, Learned& learned) {
  // The most that is trained; how far a budget goes is asked while it goes.
  candidate.training.epochs = most_epochs(c.options);
  const Duration began = c.meter.sample();
  std::vector<double> joules;
  TENBIN_TRY(TrainResult result, train_candidate(candidate, number, streams, p, c, valid, joules));
  const Duration end = c.meter.sample();
  Tried tried{candidate.name,
              why,
              best_score(result),
              static_cast<std::int64_t>(result.curve.size()),
              end - began,
              c.meter.between(began, end),
              true,
              "cnn"};
  bool has_best = false;
  keep_better(learned, has_best, candidate, std::move(result), std::move(joules), tried, why);
  return {};
}

}  // namespace tenbin

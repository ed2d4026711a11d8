// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fit/answers.h"
#include "app/fit/candidate.h"
#include "app/fit/learn.h"
#include "data/streams/streams.h"

namespace tenbin {

// The images of a fit and their answers. Pixels are borrowed from the table.
struct ImageRows {
  std::span<const std::uint8_t> pixels;
  Shape image_shape;  // [height, width, channels]
  PixelScale scale;
  Answers train, valid;
  std::string digest;  // names what is trained on
};
Result<ImageRows> image_rows(const Prepared& prepared);

// Training images shuffled and augmented; validation images in order, as they are.
Streams image_streams(const ImageRows& rows, const Prepared& prepared, const Candidate& candidate,
                      const Augmentation& augmentation);

// Batch size and most epochs for networks of images.
std::int64_t image_batch(const Prepared& prepared);
std::int64_t most_epochs(const FitOptions& options);

// Trains the one network that was chosen and makes it the learned one; its checkpoint has `number`.
Status train_images(Candidate& candidate, std::size_t number, Streams& streams,
                    const Answers& valid, const std::string& why, const Prepared& prepared,
                    const LearnContext& context, Learned& learned);

}  // namespace tenbin

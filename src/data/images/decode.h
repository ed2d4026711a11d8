// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tensor/tensor.h"

namespace tenbin {

struct ImageSize {
  int height = 0, width = 0;
  bool grey = false;  // the file holds no colour
  bool operator==(const ImageSize&) const = default;
};

// Pixels [height, width, channels], channels 1 or 3, sRGB as stored. Alpha is laid over white.
struct Image {
  int height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> pixels;
};

// Size of a JPEG, PNG or WebP file, told by its content. Errors kMalformedData, kTooLarge (more
// pixels than limits::kImagePixels).
Result<ImageSize> image_size(std::string_view file);

// Decodes with `channels` 1 (grey: 0.299 R + 0.587 G + 0.114 B) or 3. A file that is cut short or
// damaged is an error, not a half image. Errors as image_size.
Result<Image> decode_image(std::string_view file, int channels);

// Brings an image to another size: mean over the covered area where it shrinks, bilinear between
// pixel centres where it grows, each axis by itself.
Image resize_image(const Image& from, int height, int width);

// The same for images [n, height, width, channels] in memory, and to 1 (grey) or 3 channels.
Tensor resize_images(const Tensor& images, int height, int width, int channels);

}  // namespace tenbin

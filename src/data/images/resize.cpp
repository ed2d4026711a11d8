// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "data/images/decode.h"

namespace tenbin {
namespace {

// The source pixels that make one pixel of the answer, along one axis.
struct Window {
  std::size_t first = 0;
  std::vector<float> weights;  // sum to 1
};

std::vector<Window> windows(int from, int to) {
  std::vector<Window> out(static_cast<std::size_t>(to));
  const double scale = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    Window& window = out[static_cast<std::size_t>(i)];
    if (scale > 1) {
      const double begin = i * scale, end = std::min<double>((i + 1) * scale, from);
      const int first = static_cast<int>(begin);
      window.first = static_cast<std::size_t>(first);
      for (int k = first; k < end; ++k) {
        const double covered = std::min<double>(end, k + 1) - std::max<double>(begin, k);
        if (covered > 1e-9) window.weights.push_back(static_cast<float>(covered / (end - begin)));
      }
    } else {
      const double centre = std::clamp((i + 0.5) * scale - 0.5, 0.0, from - 1.0);
      const int first = std::min(static_cast<int>(centre), std::max(from - 2, 0));
      const auto share = static_cast<float>(centre - first);
      window.first = static_cast<std::size_t>(first);
      window.weights = {1 - share};
      if (from > 1) window.weights.push_back(share);
    }
  }
  return out;
}

// Grey by the weights of decode_image(); colour of grey is grey.
template <class To> To with_channels(const Image& image, int channels, To to) {
  const auto& from = image.pixels;
  if (image.channels == channels) return std::copy(from.begin(), from.end(), to);
  for (std::size_t i = 0; i < from.size(); i += static_cast<std::size_t>(image.channels)) {
    if (channels == 3) {
      to = std::fill_n(to, 3, from[i]);
    } else {
      const double grey = 0.299 * from[i] + 0.587 * from[i + 1] + 0.114 * from[i + 2];
      *to++ = static_cast<std::uint8_t>(std::lround(grey));
    }
  }
  return to;
}

}  // namespace

Image resize_image(const Image& from, int height, int width) {
  if (from.height == height && from.width == width) return from;
  const auto channels = static_cast<std::size_t>(from.channels);
  const auto old_width = static_cast<std::size_t>(from.width);
  const auto new_width = static_cast<std::size_t>(width);
  const auto old_height = static_cast<std::size_t>(from.height);
  const std::vector<Window> across = windows(from.width, width);
  const std::vector<Window> down = windows(from.height, height);
  std::vector<float> rows(old_height * new_width * channels);
  for (std::size_t y = 0; y < old_height; ++y) {
    for (std::size_t x = 0; x < new_width; ++x) {
      for (std::size_t c = 0; c < channels; ++c) {
        float sum = 0;
        for (std::size_t k = 0; k < across[x].weights.size(); ++k) {
          const std::size_t at = (y * old_width + across[x].first + k) * channels + c;
          sum += across[x].weights[k] * static_cast<float>(from.pixels[at]);
        }
        rows[(y * new_width + x) * channels + c] = sum;
      }
    }
  }
  Image out{height, width, from.channels, {}};
  out.pixels.reserve(static_cast<std::size_t>(height) * new_width * channels);
  for (const Window& window : down) {
    for (std::size_t i = 0; i < new_width * channels; ++i) {
      float sum = 0;
      for (std::size_t k = 0; k < window.weights.size(); ++k) {
        sum += window.weights[k] * rows[(window.first + k) * new_width * channels + i];
      }
      out.pixels.push_back(static_cast<std::uint8_t>(std::clamp(sum + 0.5f, 0.0f, 255.0f)));
    }
  }
  return out;
}

Tensor resize_images(const Tensor& images, int height, int width, int channels) {
  const Shape& shape = images.shape();
  const auto count = static_cast<std::size_t>(shape[0]);
  Image from{
      static_cast<int>(shape[1]), static_cast<int>(shape[2]), static_cast<int>(shape[3]), {}};
  const auto size = static_cast<std::size_t>(shape[1] * shape[2] * shape[3]);
  Tensor out(ElementType::kUint8, {shape[0], height, width, channels});
  auto to = out.data<std::uint8_t>().begin();
  for (std::size_t i = 0; i < count; ++i) {
    const auto pixels = images.data<std::uint8_t>().subspan(i * size, size);
    from.pixels.assign(pixels.begin(), pixels.end());
    const Image sized =
        from.height == height && from.width == width ? from : resize_image(from, height, width);
    to = with_channels(sized, channels, to);
  }
  return out;
}

}  // namespace tenbin

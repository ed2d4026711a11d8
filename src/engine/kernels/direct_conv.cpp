// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/direct_conv.h"

#include <algorithm>
#include <cstring>

namespace tenbin::kernels {
namespace {

constexpr std::int64_t kBlock = TileGemm::kBlock;
// Sources that pass together stay in the second cache beside the weights of a group.
constexpr std::int64_t kSourceFloats = 1 << 15;
constexpr std::int64_t kFewestPixels = 48;  // that repay reading all weights

std::int64_t blocks_of(std::int64_t channels) { return (channels + kBlock - 1) / kBlock; }

}  // namespace

DirectConv::DirectConv(const DirectConvShape& shape, bool relu) : s_(shape) {
  const std::int64_t pixel = s_.planes ? 1 : kBlock;
  const std::int64_t planes = s_.planes ? s_.in : blocks_of(s_.in);
  const auto reach = [](std::int64_t results, std::int64_t stride, std::int64_t kernel,
                        std::int64_t dilation) {
    return (results - 1) * stride + (kernel - 1) * dilation + 1;
  };
  padded_height_ = std::max(s_.top + s_.height,
                            reach(s_.out_height, s_.stride_y, s_.kernel_height, s_.dilation_y));
  padded_width_ = std::max(s_.left + s_.width,
                           reach(s_.out_width, s_.stride_x, s_.kernel_width, s_.dilation_x));
  const std::int64_t plane = padded_height_ * padded_width_ * pixel;
  source_image_ = planes * s_.height * s_.width * pixel;
  padded_image_ = planes * plane;
  const std::int64_t pixels = s_.out_height * s_.out_width;
  result_image_ = blocks_of(s_.out) * kBlock * pixels;

  gemm_.out = s_.out / s_.groups;
  gemm_.block_step = pixels * kBlock;
  gemm_.relu = relu;
  gemm_.whole_blocks = true;
  const std::int64_t steps = s_.planes ? s_.in : blocks_of(s_.in / s_.groups);
  for (std::int64_t channel = 0; channel < steps; ++channel) {
    for (std::int64_t tap = 0; tap < s_.kernel_height * s_.kernel_width; ++tap) {
      const std::int64_t y = tap / s_.kernel_width * s_.dilation_y;
      const std::int64_t x = tap % s_.kernel_width * s_.dilation_x;
      (s_.planes ? gemm_.ones : gemm_.eights)
          .push_back(channel * plane + (y * padded_width_ + x) * pixel);
    }
  }

  images_ = std::clamp<std::int64_t>(kSourceFloats * 2 / std::max<std::int64_t>(padded_image_, 1),
                                     1, std::max<std::int64_t>(s_.batch, 1));
  band_ = std::max(kFewestPixels, kSourceFloats * s_.stride_y * s_.stride_x * pixels /
                                      std::max<std::int64_t>(padded_image_, 1));
  const bool padded = padded_height_ != s_.height || padded_width_ != s_.width;
  workspace_ = padded ? images_ * padded_image_ : 0;
  for (std::int64_t image = 0; image < images_; ++image) {
    for (std::int64_t p = 0; p < pixels; ++p) {
      const std::int64_t y = p / s_.out_width * s_.stride_y, x = p % s_.out_width * s_.stride_x;
      src_at_.push_back(image * padded_image_ + (y * padded_width_ + x) * pixel);
      dst_at_.push_back(image * result_image_ + p * kBlock);
    }
  }
}

std::vector<float> DirectConv::pack(std::span<const float> weights,
                                    std::span<const float> bias) const {
  const std::int64_t taps = s_.kernel_height * s_.kernel_width, in = s_.in / s_.groups;
  const std::int64_t out = gemm_.out, rows = gemm_.in();
  std::vector<float> packed(static_cast<std::size_t>(s_.groups * gemm_.packed_floats()));
  std::vector<float> ordered(static_cast<std::size_t>(out * rows));
  for (std::int64_t group = 0; group < s_.groups; ++group) {
    std::fill(ordered.begin(), ordered.end(), 0.0F);
    for (std::int64_t o = 0; o < out; ++o) {
      for (std::int64_t i = 0; i < in; ++i) {
        for (std::int64_t tap = 0; tap < taps; ++tap) {
          const std::int64_t row =
              s_.planes ? i * taps + tap : (i / kBlock * taps + tap) * kBlock + i % kBlock;
          ordered[static_cast<std::size_t>(o * rows + row)] =
              weights[static_cast<std::size_t>(((group * out + o) * in + i) * taps + tap)];
        }
      }
    }
    const auto size = static_cast<std::size_t>(gemm_.packed_floats());
    pack_tile_weights(gemm_, ordered, rows, 1,
                      bias.empty() ? bias
                                   : bias.subspan(static_cast<std::size_t>(group * out),
                                                  static_cast<std::size_t>(out)),
                      std::span(packed).subspan(static_cast<std::size_t>(group) * size, size));
  }
  return packed;
}

void DirectConv::copy_padded(const float* src, std::int64_t images, float* to) const {
  const std::int64_t pixel = s_.planes ? 1 : kBlock,
                     planes = source_image_ / (s_.height * s_.width * pixel);
  const std::int64_t row = padded_width_ * pixel, from_row = s_.width * pixel;
  const std::int64_t left = s_.left * pixel, right = row - left - from_row;
  for (std::int64_t plane = 0; plane < images * planes; ++plane) {
    const float* from = src + plane * s_.height * from_row;
    to = std::fill_n(to, s_.top * row, 0.0F);
    for (std::int64_t y = 0; y < s_.height; ++y, from += from_row) {
      to = std::fill_n(to, left, 0.0F);
      to = std::copy_n(from, from_row, to);
      to = std::fill_n(to, right, 0.0F);
    }
    to = std::fill_n(to, (padded_height_ - s_.top - s_.height) * row, 0.0F);
  }
}

void DirectConv::run(const float* src, const float* packed, float* workspace, float* dst) const {
  const std::int64_t pixels = s_.out_height * s_.out_width;
  const std::int64_t in = s_.in / s_.groups, out = gemm_.out;
  for (std::int64_t image = 0; image < s_.batch; image += images_) {
    const std::int64_t images = std::min(images_, s_.batch - image);
    const float* from = src + image * source_image_;
    if (workspace_ > 0) {
      copy_padded(from, images, workspace);
      from = workspace;
    }
    for (std::int64_t first = 0; first < images * pixels; first += band_) {
      const std::int64_t count = std::min(band_, images * pixels - first);
      for (std::int64_t group = 0; group < s_.groups; ++group) {
        tile_gemm(gemm_, from + group * in * padded_height_ * padded_width_, src_at_.data() + first,
                  dst + image * result_image_ + group * out * pixels, dst_at_.data() + first, count,
                  packed + group * gemm_.packed_floats());
      }
    }
  }
}

}  // namespace tenbin::kernels

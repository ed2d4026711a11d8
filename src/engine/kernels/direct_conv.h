// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/image_window.h"
#include "engine/kernels/tile_gemm.h"

namespace tenbin::kernels {

// Convolution of images in blocks of eight channels (oneDNN's nChw8c) with constant weights, or of
// images in planes (nchw) with few channels; results in blocks of eight. Each pixel of the result
// is a row of a TileGemm over a copy of the images with their padding.
struct DirectConvShape : ImageWindow {
  std::int64_t batch = 0, groups = 1;
  std::int64_t in = 0, out = 0;  // channels of all groups; a group's are blocks, or there is one
  bool planes = false;           // the source is nchw
};

class DirectConv {
 public:
  DirectConv(const DirectConvShape& shape, bool relu);

  // Of the source with its padding, for some images at a time; 0: nothing is copied.
  std::int64_t workspace_floats() const { return workspace_; }
  // `weights` [out, in / groups, kernel_height, kernel_width], `bias` [out] or empty.
  std::vector<float> pack(std::span<const float> weights, std::span<const float> bias) const;
  // Needs AVX2 and FMA.
  void run(const float* src, const float* packed, float* workspace, float* dst) const;

 private:
  void copy_padded(const float* src, std::int64_t images, float* to) const;

  DirectConvShape s_;
  TileGemm gemm_;  // of one group
  std::int64_t padded_height_ = 0, padded_width_ = 0;
  std::int64_t source_image_ = 0, padded_image_ = 0, result_image_ = 0;  // floats
  std::int64_t images_ = 1, band_ = 1;  // images and pixels that pass together
  std::int64_t workspace_ = 0;
  std::vector<std::int64_t> src_at_, dst_at_;  // of the pixels of `images_` images
};

}  // namespace tenbin::kernels

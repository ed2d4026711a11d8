// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tenbin::kernels {

// A dense layer of few rows: bound by reading the weights once, so they lie in the order they are
// read, in columns of 64 outputs (the last one narrower, a multiple of 16, padded with zeros).
struct FewRows {
  std::int64_t rows = 1, in = 0, out = 0;
  bool relu = false;
  static constexpr std::int64_t kMostRows = 4;
};

// `weights`: [out, in] with steps between neighbours in each direction.
std::vector<float> pack_weights(const FewRows& layer, std::span<const float> weights,
                                std::int64_t out_step, std::int64_t in_step);
// src [rows, in], bias [out] or null, dst [rows, out]. Needs AVX-512 (F, BW, VL, DQ).
void dense_few_rows(const FewRows& layer, const float* src, const float* packed, const float* bias,
                    float* dst);

}  // namespace tenbin::kernels

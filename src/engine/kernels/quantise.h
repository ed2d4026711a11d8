// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Between floats and 8-bit integers on a grid: real = (stored - zero) * scale, as QuantizeLinear
// and DequantizeLinear of ONNX define it (ties to even, saturating). T is std::uint8_t or
// std::int8_t. Buffers do not alias.
namespace tenbin::kernels {

template <class T>
void quantise(T* dst, const float* src, std::int64_t count, float scale, std::int32_t zero);
template <class T>
void dequantise(float* dst, const T* src, std::int64_t count, float scale, std::int32_t zero);

// Channels in groups of 16, as convolutions of floats leave them: src [batch, groups, pixels, 16].
struct Grouped16 {
  std::int64_t batch = 1, groups = 1, pixels = 1;
};
// dst [batch, pixels, groups * 16], as convolutions of integers read them.
template <class T>
void quantise_to_last(T* dst, const float* src, const Grouped16& shape, float scale,
                      std::int32_t zero);

// What an addition of values on two grids needs: dst = a * a_factor + b * b_factor + shift in
// steps of the result's grid.
struct GridSum {
  float a_factor = 1, b_factor = 1, shift = 0;
  std::int32_t least = 0;  // the result is clamped from below: its zero, where a ReLU follows
};
template <class A, class B, class T>
void add_on_grid(T* dst, const A* a, const B* b, std::int64_t count, const GridSum& sum);

// Largest of each window of `size` x `size`, windows side by side without padding: src [batch,
// height, width, channels] -> dst [batch, height / size, width / size, channels].
struct BytePool {
  std::int64_t batch = 1, height = 0, width = 0, channels = 0, size = 2;
};
template <class T> void max_of_windows(T* dst, const T* src, const BytePool& pool);

// Mean over the pixels of src [batch, pixels, channels] -> dst [batch, channels].
template <class T>
void mean_of_pixels(float* dst, const T* src, std::int64_t batch, std::int64_t pixels,
                    std::int64_t channels, float scale, std::int32_t zero);

}  // namespace tenbin::kernels

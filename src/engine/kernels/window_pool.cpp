// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/window_pool.h"

#include <algorithm>

#include "engine/kernels/simd.h"

namespace tenbin::kernels {

#ifdef TENBIN_AVX2
namespace {

constexpr std::int64_t kLanes = 8;

// The taps [begin, end) of a window along one axis that fall into the image.
struct Taps {
  std::int64_t begin, end;
  Taps(std::int64_t first, std::int64_t kernel, std::int64_t dilation, std::int64_t size)
      : begin(first < 0 ? (-first + dilation - 1) / dilation : 0),
        end(std::min(kernel, first < size ? (size - 1 - first) / dilation + 1 : 0)) {}
};

template <bool average>
TENBIN_AVX2 void pool_row(const WindowPool& p, const float* plane, std::int64_t y, float* dst) {
  const std::int64_t first_y = y * p.stride_y - p.top;
  const Taps rows(first_y, p.kernel_height, p.dilation_y, p.height);
  for (std::int64_t x = 0; x < p.out_width; ++x) {
    const std::int64_t first_x = x * p.stride_x - p.left;
    const Taps columns(first_x, p.kernel_width, p.dilation_x, p.width);
    __m256 sum = average ? _mm256_setzero_ps() : _mm256_set1_ps(-__builtin_inff());
    for (std::int64_t ky = rows.begin; ky < rows.end; ++ky) {
      const float* const row = plane + (first_y + ky * p.dilation_y) * p.width * kLanes;
      for (std::int64_t kx = columns.begin; kx < columns.end; ++kx) {
        const __m256 value = _mm256_loadu_ps(row + (first_x + kx * p.dilation_x) * kLanes);
        sum = average ? _mm256_add_ps(sum, value) : _mm256_max_ps(value, sum);
      }
    }
    if constexpr (average) {
      const std::int64_t inside = std::max<std::int64_t>(rows.end - rows.begin, 0) *
                                  std::max<std::int64_t>(columns.end - columns.begin, 0);
      const std::int64_t count = p.kind == WindowPool::Kind::kAverageWithPadding
                                     ? p.kernel_height * p.kernel_width
                                     : std::max<std::int64_t>(inside, 1);
      sum = _mm256_div_ps(sum, _mm256_set1_ps(static_cast<float>(count)));
    }
    _mm256_storeu_ps(dst + x * kLanes, sum);
  }
}

}  // namespace

void window_pool(const WindowPool& p, const float* src, float* dst) {
  const auto row = p.kind == WindowPool::Kind::kMax ? pool_row<false> : pool_row<true>;
  for (std::int64_t plane = 0; plane < p.planes; ++plane) {
    for (std::int64_t y = 0; y < p.out_height; ++y, dst += p.out_width * kLanes) {
      row(p, src + plane * p.height * p.width * kLanes, y, dst);
    }
  }
}

#else  // another processor: never called
void window_pool(const WindowPool&, const float*, float*) {}
#endif

}  // namespace tenbin::kernels

// SPDX-License-Identifier: Apache-2.0
#include "compress/svd.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tenbin {
namespace {

constexpr int kMostSweeps = 30;
constexpr double kOrthogonal = 1e-11;  // of two rows: their cosine

struct Moments {
  double aa = 0, bb = 0, ab = 0;
};

Moments moments(const double* a, const double* b, std::size_t n) {
  double aa[2] = {}, bb[2] = {}, ab[2] = {};
  for (std::size_t i = 0; i + 2 <= n; i += 2) {
    for (std::size_t k = 0; k < 2; ++k) {
      aa[k] += a[i + k] * a[i + k];
      bb[k] += b[i + k] * b[i + k];
      ab[k] += a[i + k] * b[i + k];
    }
  }
  Moments m{aa[0] + aa[1], bb[0] + bb[1], ab[0] + ab[1]};
  if (n % 2 != 0) {
    m.aa += a[n - 1] * a[n - 1];
    m.bb += b[n - 1] * b[n - 1];
    m.ab += a[n - 1] * b[n - 1];
  }
  return m;
}

void rotate(double* a, double* b, std::size_t n, double c, double s) {
  for (std::size_t i = 0; i < n; ++i) {
    const double x = a[i], y = b[i];
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
}

// Rotates rows of `work` [n, width], and those of `turns` [n, n] alike, until they are orthogonal.
void orthogonalise(std::vector<double>& work, std::vector<double>& turns, std::size_t n,
                   std::size_t width) {
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    bool turned = false;
    for (std::size_t i = 0; i + 1 < n; ++i) {
      for (std::size_t j = i + 1; j < n; ++j) {
        double *a = work.data() + i * width, *b = work.data() + j * width;
        const Moments m = moments(a, b, width);
        if (std::fabs(m.ab) <= kOrthogonal * std::sqrt(m.aa * m.bb)) continue;
        turned = true;
        const double zeta = (m.bb - m.aa) / (2 * m.ab);
        const double t = std::copysign(1.0, zeta) / (std::fabs(zeta) + std::hypot(1.0, zeta));
        const double c = 1 / std::hypot(1.0, t);
        rotate(a, b, width, c, c * t);
        rotate(turns.data() + i * n, turns.data() + j * n, n, c, c * t);
      }
    }
    if (!turned) return;
  }
}

}  // namespace

Svd decompose(std::span<const float> a, std::size_t rows, std::size_t columns) {
  const bool wide = rows <= columns;
  const std::size_t n = std::min(rows, columns), width = std::max(rows, columns);
  std::vector<double> work(n * width), turns(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    turns[i * n + i] = 1;
    for (std::size_t j = 0; j < width; ++j) {
      work[i * width + j] = static_cast<double>(wide ? a[i * columns + j] : a[j * columns + i]);
    }
  }
  orthogonalise(work, turns, n, width);
  // turns * a (or its transpose) = work, so a = turns^T * work.
  std::vector<double> sizes(n);
  for (std::size_t i = 0; i < n; ++i) {
    sizes[i] = std::sqrt(moments(&work[i * width], &work[i * width], width).aa);
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t x, std::size_t y) { return sizes[x] > sizes[y]; });
  Svd out{std::vector<double>(rows * n), std::vector<double>(n), std::vector<double>(n * columns)};
  for (std::size_t r = 0; r < n; ++r) {
    const std::size_t i = order[r];
    out.values[r] = sizes[i];
    const double unit = sizes[i] > 0 ? 1 / sizes[i] : 0;
    for (std::size_t j = 0; j < n; ++j) {
      (wide ? out.left[j * n + r] : out.right[r * columns + j]) = turns[i * n + j];
    }
    for (std::size_t j = 0; j < width; ++j) {
      (wide ? out.right[r * columns + j] : out.left[j * n + r]) = work[i * width + j] * unit;
    }
  }
  return out;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/broadcast.h"

#include <algorithm>
#include <cassert>

#include "engine/kernels/simd.h"

#define TENBIN_INLINE inline __attribute__((always_inline))

namespace tenbin::kernels {
namespace {

struct Add {
  static TENBIN_INLINE float of(float a, float b) { return a + b; }
  static TENBIN_INLINE float by_a(float g, float) { return g; }
  static TENBIN_INLINE float by_b(float g, float, float) { return g; }
};
struct Subtract {
  static TENBIN_INLINE float of(float a, float b) { return a - b; }
  static TENBIN_INLINE float by_a(float g, float) { return g; }
  static TENBIN_INLINE float by_b(float g, float, float) { return -g; }
};
struct Multiply {
  static TENBIN_INLINE float of(float a, float b) { return a * b; }
  static TENBIN_INLINE float by_a(float g, float b) { return g * b; }
  static TENBIN_INLINE float by_b(float g, float a, float) { return g * a; }
};
struct Divide {
  static TENBIN_INLINE float of(float a, float b) { return a / b; }
  static TENBIN_INLINE float by_a(float g, float b) { return g / b; }
  static TENBIN_INLINE float by_b(float g, float a, float b) { return -g * a / (b * b); }
};

// Calls row(a offset, b offset, dst offset) for each innermost row.
template <class F> TENBIN_INLINE void each_row(const Broadcast& s, F row) {
  const int outer = std::max(s.rank - 2, 0);
  const bool two = s.rank >= 2;
  const std::int64_t rows = two ? s.size[outer] : 1, width = s.rank > 0 ? s.size[s.rank - 1] : 1;
  const std::int64_t a_row = two ? s.a_step[outer] : 0, b_row = two ? s.b_step[outer] : 0;
  std::int64_t at[Broadcast::kMostRank] = {};
  std::int64_t a = 0, b = 0, dst = 0;
  for (;;) {
    for (std::int64_t r = 0; r < rows; ++r, dst += width) row(a + r * a_row, b + r * b_row, dst);
    int d = outer - 1;
    for (; d >= 0; --d) {
      a += s.a_step[d];
      b += s.b_step[d];
      if (++at[d] < s.size[d]) break;
      a -= s.a_step[d] * s.size[d];
      b -= s.b_step[d] * s.size[d];
      at[d] = 0;
    }
    if (d < 0) return;
  }
}

struct Inner {
  std::int64_t width, a, b;  // steps
};
TENBIN_INLINE Inner inner_of(const Broadcast& s) {
  if (s.rank == 0) return {1, 0, 0};
  return {s.size[s.rank - 1], s.a_step[s.rank - 1], s.b_step[s.rank - 1]};
}

std::int64_t floats_of(const Broadcast& s, const std::int64_t* steps) {
  std::int64_t count = 1;
  for (int d = 0; d < s.rank; ++d) count *= steps[d] == 0 ? 1 : s.size[d];
  return count;
}

template <class Op>
TENBIN_INLINE void forward(const Broadcast& s, const float* a, const float* b, float* dst) {
  const Inner in = inner_of(s);
  each_row(s, [=](std::int64_t ao, std::int64_t bo, std::int64_t to) {
    const float *x = a + ao, *y = b + bo;
    float* out = dst + to;
    if (in.a == 1 && in.b == 1) {
      for (std::int64_t i = 0; i < in.width; ++i) out[i] = Op::of(x[i], y[i]);
    } else if (in.a == 1) {
      for (std::int64_t i = 0; i < in.width; ++i) out[i] = Op::of(x[i], y[0]);
    } else if (in.b == 1) {
      for (std::int64_t i = 0; i < in.width; ++i) out[i] = Op::of(x[0], y[i]);
    } else {
      for (std::int64_t i = 0; i < in.width; ++i) out[i] = Op::of(x[0], y[0]);
    }
  });
}

// Sum in sixteen lanes: the order of additions is the same on every machine.
template <class F> TENBIN_INLINE float lane_sum(std::int64_t count, F value) {
  float lanes[16] = {};
  std::int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (std::int64_t l = 0; l < 16; ++l) lanes[l] += value(i + l);
  }
  float sum = 0;
  for (; i < count; ++i) sum += value(i);
  for (const float lane : lanes) sum += lane;
  return sum;
}

template <class Op>
TENBIN_INLINE void gradient_a(const Broadcast& s, const float* g, const float* b, float* diff) {
  const Inner in = inner_of(s);
  std::fill_n(diff, floats_of(s, s.a_step), 0.0F);
  each_row(s, [=](std::int64_t ao, std::int64_t bo, std::int64_t to) {
    const float *d = g + to, *y = b + bo;
    float* out = diff + ao;
    if (in.a == 1) {
      for (std::int64_t i = 0; i < in.width; ++i) out[i] += Op::by_a(d[i], y[i * in.b]);
    } else {
      out[0] += lane_sum(in.width, [=](std::int64_t i) { return Op::by_a(d[i], y[i * in.b]); });
    }
  });
}

template <class Op>
TENBIN_INLINE void gradient_b(const Broadcast& s, const float* g, const float* a, const float* b,
                              float* diff) {
  const Inner in = inner_of(s);
  std::fill_n(diff, floats_of(s, s.b_step), 0.0F);
  each_row(s, [=](std::int64_t ao, std::int64_t bo, std::int64_t to) {
    const float *d = g + to, *x = a + ao, *y = b + bo;
    float* out = diff + bo;
    const auto each = [=](std::int64_t i) { return Op::by_b(d[i], x[i * in.a], y[i * in.b]); };
    if (in.b == 1) {
      for (std::int64_t i = 0; i < in.width; ++i) out[i] += each(i);
    } else {
      out[0] += lane_sum(in.width, each);
    }
  });
}

}  // namespace

Broadcast broadcast_of(std::span<const std::int64_t> a, std::span<const std::int64_t> b,
                       std::span<const std::int64_t> dst) {
  Broadcast out;
  // From the innermost dimension outwards; put in order at the end.
  std::int64_t a_step = 1, b_step = 1;
  for (std::size_t back = 0; back < dst.size(); ++back) {
    const std::int64_t size = dst[dst.size() - 1 - back];
    const std::int64_t a_size = back < a.size() ? a[a.size() - 1 - back] : 1;
    const std::int64_t b_size = back < b.size() ? b[b.size() - 1 - back] : 1;
    const std::int64_t a_own = a_size == 1 ? 0 : a_step, b_own = b_size == 1 ? 0 : b_step;
    a_step *= a_size;
    b_step *= b_size;
    if (size == 1) continue;
    if (out.rank > 0) {
      const int last = out.rank - 1;
      const bool joins =
          a_own == out.a_step[last] * out.size[last] && b_own == out.b_step[last] * out.size[last];
      if (joins) {
        out.size[last] *= size;
        continue;
      }
    }
    assert(out.rank < Broadcast::kMostRank);
    out.size[out.rank] = size;
    out.a_step[out.rank] = a_own;
    out.b_step[out.rank] = b_own;
    ++out.rank;
  }
  std::reverse(out.size, out.size + out.rank);
  std::reverse(out.a_step, out.a_step + out.rank);
  std::reverse(out.b_step, out.b_step + out.rank);
  return out;
}

TENBIN_SIMD void broadcast(Binary op, const Broadcast& shape, const float* a, const float* b,
                           float* dst) {
  switch (op) {
    case Binary::kAdd: return forward<Add>(shape, a, b, dst);
    case Binary::kSubtract: return forward<Subtract>(shape, a, b, dst);
    case Binary::kMultiply: return forward<Multiply>(shape, a, b, dst);
    case Binary::kDivide: return forward<Divide>(shape, a, b, dst);
  }
}

TENBIN_SIMD void broadcast_gradient_a(Binary op, const Broadcast& shape, const float* diff_dst,
                                      const float* b, float* diff_a) {
  switch (op) {
    case Binary::kAdd: return gradient_a<Add>(shape, diff_dst, diff_dst, diff_a);
    case Binary::kSubtract: return gradient_a<Subtract>(shape, diff_dst, diff_dst, diff_a);
    case Binary::kMultiply: return gradient_a<Multiply>(shape, diff_dst, b, diff_a);
    case Binary::kDivide: return gradient_a<Divide>(shape, diff_dst, b, diff_a);
  }
}

TENBIN_SIMD void broadcast_gradient_b(Binary op, const Broadcast& shape, const float* diff_dst,
                                      const float* a, const float* b, float* diff_b) {
  switch (op) {
    case Binary::kAdd: return gradient_b<Add>(shape, diff_dst, diff_dst, diff_dst, diff_b);
    case Binary::kSubtract:
      return gradient_b<Subtract>(shape, diff_dst, diff_dst, diff_dst, diff_b);
    case Binary::kMultiply: return gradient_b<Multiply>(shape, diff_dst, a, diff_dst, diff_b);
    case Binary::kDivide: return gradient_b<Divide>(shape, diff_dst, a, b, diff_b);
  }
}

}  // namespace tenbin::kernels

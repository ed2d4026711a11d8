// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/kernels/parallel.h"

namespace tenbin::kernels {
namespace {

constexpr std::int64_t kLeastFloats = 1 << 14;  // a thread's worth of a pass over memory

// Counter hash (the finaliser of SplitMix64): uniform bits for (key, index).
inline std::uint32_t mixed(std::uint64_t key, std::uint64_t index) {
  std::uint64_t z = key + index * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return static_cast<std::uint32_t>(z >> 32);
}

}  // namespace

double softmax_cross_entropy(const float* logits, const std::int64_t* labels, float* gradient,
                             std::int64_t rows, std::int64_t real, std::int64_t classes,
                             float smoothing, const float* class_weights) {
  double weight_sum = 0;
  for (std::int64_t i = 0; i < real; ++i) {
    weight_sum += class_weights != nullptr ? static_cast<double>(class_weights[labels[i]]) : 1.0;
  }
  if (weight_sum <= 0) weight_sum = 1;
  const float off = smoothing / static_cast<float>(classes);
  double loss = 0;
  for (std::int64_t i = 0; i < real; ++i) {
    const float* x = logits + i * classes;
    float* g = gradient + i * classes;
    const float top = *std::max_element(x, x + classes);
    float sum = 0;
    for (std::int64_t k = 0; k < classes; ++k) sum += g[k] = std::exp(x[k] - top);
    const float log_sum = std::log(sum) + top;
    const float weight = class_weights != nullptr ? class_weights[labels[i]] : 1.0F;
    const float scale = weight / static_cast<float>(weight_sum);
    float mean_log = 0;
    if (smoothing > 0) {
      for (std::int64_t k = 0; k < classes; ++k) mean_log += log_sum - x[k];
      mean_log *= off;
    }
    const float own = (1 - smoothing) * (log_sum - x[labels[i]]);
    loss += static_cast<double>(scale) * static_cast<double>(own + mean_log);
    for (std::int64_t k = 0; k < classes; ++k) g[k] = (g[k] / sum - off) * scale;
    g[labels[i]] -= (1 - smoothing) * scale;
  }
  if (real < rows) {
    std::memset(gradient + real * classes, 0,
                static_cast<std::size_t>((rows - real) * classes) * sizeof(float));
  }
  return loss;
}

double binary_cross_entropy(const float* logits, const std::int64_t* labels, float* gradient,
                            std::int64_t rows, std::int64_t real, const float* class_weights) {
  double weight_sum = 0;
  for (std::int64_t i = 0; i < real; ++i) {
    weight_sum += class_weights != nullptr ? static_cast<double>(class_weights[labels[i]]) : 1.0;
  }
  if (weight_sum <= 0) weight_sum = 1;
  double loss = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    if (i >= real) {
      gradient[i] = 0;
      continue;
    }
    const float x = logits[i];
    const auto y = static_cast<float>(labels[i]);
    const float weight = class_weights != nullptr ? class_weights[labels[i]] : 1.0F;
    const float scale = weight / static_cast<float>(weight_sum);
    const float soft = std::log1p(std::exp(-std::fabs(x))) + std::max(x, 0.0F) - x * y;
    loss += static_cast<double>(scale) * static_cast<double>(soft);
    gradient[i] = (1 / (1 + std::exp(-x)) - y) * scale;
  }
  return loss;
}

double squared_error(const float* predictions, const float* targets, float* gradient,
                     std::int64_t rows, std::int64_t real, std::int64_t outputs, float delta) {
  const float scale = 1 / static_cast<float>(std::max<std::int64_t>(real * outputs, 1));
  double loss = 0;
  for (std::int64_t i = 0; i < rows * outputs; ++i) {
    if (i >= real * outputs) {
      gradient[i] = 0;
      continue;
    }
    const float e = predictions[i] - targets[i];
    if (delta > 0 && std::fabs(e) > delta) {
      loss += static_cast<double>(delta * (std::fabs(e) - 0.5F * delta) * scale);
      gradient[i] = (e > 0 ? delta : -delta) * scale;
    } else if (delta > 0) {
      loss += static_cast<double>(0.5F * e * e * scale);
      gradient[i] = e * scale;
    } else {
      loss += static_cast<double>(e * e * scale);
      gradient[i] = 2 * e * scale;
    }
  }
  return loss;
}

void softmax_rows(float* values, std::int64_t rows, std::int64_t classes) {
  for (std::int64_t i = 0; i < rows; ++i) {
    float* x = values + i * classes;
    const float top = *std::max_element(x, x + classes);
    float sum = 0;
    for (std::int64_t k = 0; k < classes; ++k) sum += x[k] = std::exp(x[k] - top);
    for (std::int64_t k = 0; k < classes; ++k) x[k] /= sum;
  }
}

void softmax_rows_backward(float* diff_src, const float* diff_dst, const float* dst,
                           std::int64_t rows, std::int64_t classes) {
  for (std::int64_t i = 0; i < rows * classes; i += classes) {
    float sum = 0;
    for (std::int64_t k = 0; k < classes; ++k) sum += diff_dst[i + k] * dst[i + k];
    for (std::int64_t k = 0; k < classes; ++k) {
      diff_src[i + k] = dst[i + k] * (diff_dst[i + k] - sum);
    }
  }
}

void sigmoid(float* values, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) values[i] = 1 / (1 + std::exp(-values[i]));
}

TENBIN_SIMD void add_scaled(float* __restrict to, const float* __restrict from, float factor,
                            std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] += from[i] * factor;
}

TENBIN_SIMD void add(float* dst, const float* a, const float* b, std::int64_t count, bool relu) {
  if (relu) {
    for (std::int64_t i = 0; i < count; ++i) dst[i] = std::max(a[i] + b[i], 0.0F);
  } else {
    for (std::int64_t i = 0; i < count; ++i) dst[i] = a[i] + b[i];
  }
}

TENBIN_SIMD void subtract(float* dst, const float* a, const float* b, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) dst[i] = a[i] - b[i];
}

TENBIN_SIMD void multiply(float* dst, const float* a, const float* b, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) dst[i] = a[i] * b[i];
}

TENBIN_SIMD void scale(float* dst, const float* src, std::int64_t count, float factor) {
  for (std::int64_t i = 0; i < count; ++i) dst[i] = src[i] * factor;
}

TENBIN_SIMD static void relu_backward_part(float* diff_src, const float* diff_dst, const float* dst,
                                           std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) diff_src[i] = dst[i] > 0 ? diff_dst[i] : 0.0F;
}

TENBIN_SIMD static void relu_backward_part(std::uint16_t* diff_src, const std::uint16_t* diff_dst,
                                           const std::uint16_t* dst, std::int64_t count) {
  // As whole numbers, the bits of a positive value are positive.
  for (std::int64_t i = 0; i < count; ++i) {
    diff_src[i] = static_cast<std::int16_t>(dst[i]) > 0 ? diff_dst[i] : std::uint16_t{0};
  }
}

void relu_backward(Bfloat16* diff_src, const Bfloat16* diff_dst, const Bfloat16* dst,
                   std::int64_t count) {
  relu_backward_part(&diff_src->bits, &diff_dst->bits, &dst->bits, count);
}

void relu_backward(float* diff_src, const float* diff_dst, const float* dst, std::int64_t count) {
  in_parallel(count, kLeastFloats, [&](std::int64_t begin, std::int64_t end, int) {
    relu_backward_part(diff_src + begin, diff_dst + begin, dst + begin, end - begin);
  });
}

TENBIN_SIMD void dropout(float* dst, const float* src, std::int64_t count, float ratio,
                         std::uint64_t key) {
  const auto bound = static_cast<std::uint32_t>(static_cast<double>(ratio) * 4294967295.0);
  const float keep = 1 / (1 - ratio);
  for (std::int64_t i = 0; i < count; ++i) {
    dst[i] = mixed(key, static_cast<std::uint64_t>(i)) >= bound ? src[i] * keep : 0.0F;
  }
}

TENBIN_SIMD void move_average(float* __restrict running, const float* __restrict batch,
                              std::int64_t count, float momentum) {
  for (std::int64_t i = 0; i < count; ++i) {
    running[i] = momentum * running[i] + (1 - momentum) * batch[i];
  }
}

TENBIN_SIMD double sum_of_squares(const float* values, std::int64_t count) {
  // Sixteen partial sums in a fixed order: the same bits on every machine.
  double parts[16] = {};
  std::int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (int k = 0; k < 16; ++k) {
      const auto v = static_cast<double>(values[i + k]);
      parts[k] += v * v;
    }
  }
  for (; i < count; ++i)
    parts[0] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

TENBIN_SIMD bool all_finite(const float* values, std::int64_t count) {
  // Infinities and NaN have all exponent bits set.
  std::uint32_t bad = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    bad |= (bits & 0x7F800000U) == 0x7F800000U ? 1U : 0U;
  }
  return bad == 0;
}

TENBIN_SIMD static void update_sgd(const Update& h, float* __restrict w, const float* __restrict g,
                                   float* __restrict m, std::int64_t count) {
  const float rate = h.rate, momentum = h.momentum, decay = h.decay, scale = h.scale;
  for (std::int64_t i = 0; i < count; ++i) {
    const float step = momentum * m[i] + g[i] * scale + decay * w[i];
    m[i] = step;
    w[i] -= rate * step;
  }
}

TENBIN_SIMD static void update_adam(const Update& h, float* __restrict w, const float* __restrict g,
                                    float* __restrict m, float* __restrict v, std::int64_t count) {
  const float b1 = h.beta1, b2 = h.beta2, scale = h.scale;
  const float l2 = h.kind == OptimizerKind::kAdam ? h.decay : 0.0F;
  const float shrink = h.kind == OptimizerKind::kAdamW ? 1 - h.rate * h.decay : 1.0F;
  const float rate = h.rate * h.correction1;
  const float root = h.correction2, epsilon = h.epsilon;
  for (std::int64_t i = 0; i < count; ++i) {
    const float gradient = g[i] * scale + l2 * w[i];
    m[i] = b1 * m[i] + (1 - b1) * gradient;
    v[i] = b2 * v[i] + (1 - b2) * gradient * gradient;
    w[i] = w[i] * shrink - rate * m[i] / (std::sqrt(v[i] * root) + epsilon);
  }
}

void update(const Update& how, float* weights, const float* gradient, float* first, float* second,
            std::int64_t count) {
  if (how.kind == OptimizerKind::kSgd) {
    update_sgd(how, weights, gradient, first, count);
  } else {
    update_adam(how, weights, gradient, first, second, count);
  }
}

}  // namespace tenbin::kernels

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/kernels/simd.h"
#include "engine/train.h"

// Our own arithmetic on whole buffers, compiled for AVX-512, AVX2 and the baseline and chosen at
// run time. Pointers do not alias unless a comment says in place.
namespace tenbin::kernels {

// Softmax cross-entropy and its gradient in one pass. logits, gradient [rows, classes];
// gradient = (softmax - smoothed target) * weight / weight_sum. Rows from `real` on are padding:
// their gradient is 0. class_weights may be null. Returns the weighted mean loss.
double softmax_cross_entropy(const float* logits, const std::int64_t* labels, float* gradient,
                             std::int64_t rows, std::int64_t real, std::int64_t classes,
                             float smoothing, const float* class_weights);

// Binary cross-entropy of logits [rows, 1] with labels 0 or 1; otherwise as above.
double binary_cross_entropy(const float* logits, const std::int64_t* labels, float* gradient,
                            std::int64_t rows, std::int64_t real, const float* class_weights);

// Mean of squared errors, or Huber loss when delta > 0; predictions, targets [rows, outputs].
double squared_error(const float* predictions, const float* targets, float* gradient,
                     std::int64_t rows, std::int64_t real, std::int64_t outputs, float delta);

// In place over [rows, classes].
void softmax_rows(float* values, std::int64_t rows, std::int64_t classes);
void sigmoid(float* values, std::int64_t count);
// diff_src = dst * (diff_dst - sum over the row of diff_dst * dst).
void softmax_rows_backward(float* diff_src, const float* diff_dst, const float* dst,
                           std::int64_t rows, std::int64_t classes);

// to += from * factor.
void add_scaled(float* to, const float* from, float factor, std::int64_t count);
// dst = a + b, clamped at 0 when `relu`.
void add(float* dst, const float* a, const float* b, std::int64_t count, bool relu);
void subtract(float* dst, const float* a, const float* b, std::int64_t count);
void multiply(float* dst, const float* a, const float* b, std::int64_t count);
// dst = src * factor; may be in place.
void scale(float* dst, const float* src, std::int64_t count, float factor);
// diff_src = diff_dst where dst > 0, else 0. May be in place.
void relu_backward(float* diff_src, const float* diff_dst, const float* dst, std::int64_t count);
void relu_backward(Bfloat16* diff_src, const Bfloat16* diff_dst, const Bfloat16* dst,
                   std::int64_t count);
// Inverted dropout: dst[i] = src[i] * (kept ? 1 / (1 - ratio) : 0); the choice depends on
// (key, i) alone, so the backward pass repeats it on the gradient. May be in place.
void dropout(float* dst, const float* src, std::int64_t count, float ratio, std::uint64_t key);
// running = momentum * running + (1 - momentum) * batch.
void move_average(float* running, const float* batch, std::int64_t count, float momentum);

double sum_of_squares(const float* values, std::int64_t count);
bool all_finite(const float* values, std::int64_t count);

// One optimiser update of a run of parameters. `first`, `second`: moments (momentum in `first`).
struct Update {
  OptimizerKind kind = OptimizerKind::kAdamW;
  float rate = 1e-3F, momentum = 0.9F, beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-8F;
  float decay = 0;                         // 0 for biases and norms
  float scale = 1;                         // of the gradient (clipping)
  float correction1 = 1, correction2 = 1;  // 1 / (1 - beta^t)
};
void update(const Update& how, float* weights, const float* gradient, float* first, float* second,
            std::int64_t count);

}  // namespace tenbin::kernels

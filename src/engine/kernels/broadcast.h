// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace tenbin::kernels {

enum class Binary { kAdd, kSubtract, kMultiply, kDivide };

// How two operands meet element by element in a result: its sizes, and how far a step along each
// dimension moves in an operand (0: the same value again). The innermost steps are 0 or 1.
struct Broadcast {
  static constexpr int kMostRank = 8;
  int rank = 0;
  std::int64_t size[kMostRank] = {}, a_step[kMostRank] = {}, b_step[kMostRank] = {};
};
// For operands in row-major order that broadcast to `dst` (ONNX multidirectional rule), with
// dimensions joined where both operands allow; at most kMostRank sizes are left (asserted).
Broadcast broadcast_of(std::span<const std::int64_t> a, std::span<const std::int64_t> b,
                       std::span<const std::int64_t> dst);

// dst = a op b.
void broadcast(Binary op, const Broadcast& shape, const float* a, const float* b, float* dst);
// Gradients of the operands, summed where they were repeated; they are written over. `b` (and `a`)
// are read where the gradient needs them: not for sums and differences.
void broadcast_gradient_a(Binary op, const Broadcast& shape, const float* diff_dst, const float* b,
                          float* diff_a);
void broadcast_gradient_b(Binary op, const Broadcast& shape, const float* diff_dst, const float* a,
                          const float* b, float* diff_b);

}  // namespace tenbin::kernels

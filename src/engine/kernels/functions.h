// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tenbin::kernels {

// dst = erf(src), exact to a float.
void error_function(float* dst, const float* src, std::int64_t count);
// diff_src = diff_dst * 2 / sqrt(pi) * exp(-src^2).
void error_function_backward(float* diff_src, const float* diff_dst, const float* src,
                             std::int64_t count);

// One step of an LSTM cell (Hochreiter and Schmidhuber 1997) after its matrix products. `gates`
// [batch, 4 * units] in ONNX's order: input, output, forget, cell; sums on entry, activated on
// return. `cell_before` may be null (zero). All of [batch, units]: cell, hidden.
struct CellSize {
  std::int64_t batch = 0, units = 0;
};
void lstm_cell(const CellSize& size, float* gates, const float* cell_before, float* cell,
               float* hidden);
// Backwards through that step: `gates` activated on entry, gradients of the sums on return.
// `diff_hidden` in; `diff_cell` in and out: the gradient of this step's cell becomes that of the
// cell before.
void lstm_cell_backward(const CellSize& size, float* gates, const float* cell_before,
                        const float* cell, const float* diff_hidden, float* diff_cell);

// One step of a gated recurrent unit (Cho et al. 2014) with the reset after the product
// (linear_before_reset), ONNX's order update, reset, hidden. `sums` [batch, 3 * units] of the
// input, `recurrent` [batch, 3 * units] of the state, biases in both; on return `sums` holds the
// activated gates. `before` may be null (zero).
void gru_cell(const CellSize& size, float* sums, const float* recurrent, const float* before,
              float* hidden);
// Backwards: `gates` activated on entry, gradients of the sums of the input on return; `recurrent`
// as gru_cell read it on entry, gradients of its sums on return. `diff_hidden` in; on return the
// part of the gradient of the state before that does not pass a product.
void gru_cell_backward(const CellSize& size, float* gates, float* recurrent, const float* before,
                       float* diff_hidden);

}  // namespace tenbin::kernels

// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/recurrent.h"

#include <algorithm>
#include <cstring>

#include <oneapi/dnnl/dnnl.h>

#include "engine/kernels/functions.h"
#include "engine/kernels/kernels.h"

namespace tenbin::dnn {
namespace {

using kernels::CellSize;

// out[rows, columns] = (keeps ? out : 0) + a * b; transposed operands are stored the other way.
struct Product {
  std::int64_t rows, columns, inner;
  bool turn_a = false, turn_b = false, keeps = false;
};
void multiply(const Product& p, const float* a, const float* b, float* out) {
  dnnl_sgemm(p.turn_a ? 'T' : 'N', p.turn_b ? 'T' : 'N', p.rows, p.columns, p.inner, 1.0F, a,
             p.turn_a ? p.rows : p.inner, b, p.turn_b ? p.inner : p.columns, p.keeps ? 1.0F : 0.0F,
             out, p.columns);
}

void add_to(float* to, const float* from, std::int64_t count) {
  if (from != nullptr) kernels::add_scaled(to, from, 1, count);
}

// One direction of a layer: where its pieces lie.
class Direction {
 public:
  Direction(const Recurrent& layer, std::int64_t index)
      : l_(layer), index_(index), backwards_(layer.reversed || index == 1) {}

  std::int64_t step(std::int64_t turn) const { return backwards_ ? l_.steps - 1 - turn : turn; }
  std::int64_t row() const { return l_.gates() * l_.units; }  // of gates
  std::int64_t plane() const { return l_.batch * l_.units; }
  std::int64_t at_gates(std::int64_t turn) const {
    return (index_ * l_.steps + step(turn)) * l_.batch * row();
  }
  std::int64_t at_kept(std::int64_t turn) const {
    const std::int64_t one = l_.cell == Recurrent::Cell::kLstm ? plane() : l_.batch * row();
    return (index_ * l_.steps + step(turn)) * one;
  }
  std::int64_t at_state(std::int64_t turn) const {
    return (step(turn) * l_.directions + index_) * plane();
  }
  std::int64_t at_weights() const { return index_ * row() * l_.in; }
  std::int64_t at_recurrent() const { return index_ * row() * l_.units; }
  std::int64_t at_bias() const { return index_ * 2 * row(); }
  std::int64_t at_last() const { return index_ * plane(); }

  // Rows that begin as the bias, or as zero.
  void begin(float* rows, std::int64_t count, const float* bias, const float* more) const {
    for (std::int64_t i = 0; i < count; ++i) {
      float* to = rows + i * row();
      if (bias == nullptr) {
        std::fill_n(to, row(), 0.0F);
      } else {
        std::copy_n(bias, row(), to);
        add_to(to, more, row());
      }
    }
  }

  void forward(const RecurrentForward& p) const;
  void backward(const RecurrentBackward& p) const;

 private:
  void forward_step(const RecurrentForward& p, std::int64_t turn) const;
  void backward_step(const RecurrentBackward& p, std::int64_t turn, float* diff_hidden,
                     float* diff_cell) const;
  void weight_gradients(const RecurrentBackward& p) const;

  const Recurrent& l_;
  std::int64_t index_;
  bool backwards_;
};

void Direction::forward_step(const RecurrentForward& p, std::int64_t turn) const {
  float* gates = p.gates + at_gates(turn);
  float* state = p.states + at_state(turn);
  const float* before = turn > 0 ? p.states + at_state(turn - 1) : nullptr;
  const float* weights = p.recurrent + at_recurrent();
  const CellSize size{l_.batch, l_.units};
  const Product product{l_.batch, row(), l_.units, false, true, true};
  float* kept = p.kept + at_kept(turn);
  if (l_.cell == Recurrent::Cell::kLstm) {
    if (before != nullptr && p.packed != nullptr) p.packed->step(index_, before, gates);
    if (before != nullptr && p.packed == nullptr) multiply(product, before, weights, gates);
    kernels::lstm_cell(size, gates, turn > 0 ? p.kept + at_kept(turn - 1) : nullptr, kept, state);
    return;
  }
  if (before != nullptr && p.packed != nullptr) {
    p.packed->step(index_, before, kept);
  } else {
    begin(kept, l_.batch, p.bias == nullptr ? nullptr : p.bias + at_bias() + row(), nullptr);
    if (before != nullptr) multiply(product, before, weights, kept);
  }
  kernels::gru_cell(size, gates, kept, before, state);
}

void Direction::forward(const RecurrentForward& p) const {
  const bool both = l_.cell == Recurrent::Cell::kLstm;  // biases in one sum
  float* gates = p.gates + index_ * l_.steps * l_.batch * row();
  const float* bias = p.bias == nullptr ? nullptr : p.bias + at_bias();
  if (p.packed != nullptr) {
    p.packed->project(index_, p.src, gates);
  } else {
    begin(gates, l_.steps * l_.batch, bias, both && bias != nullptr ? bias + row() : nullptr);
    multiply({l_.steps * l_.batch, row(), l_.in, false, true, true}, p.src,
             p.weights + at_weights(), gates);
  }
  for (std::int64_t turn = 0; turn < l_.steps; ++turn) forward_step(p, turn);
  const std::int64_t end = l_.steps - 1;
  if (p.last != nullptr) std::copy_n(p.states + at_state(end), plane(), p.last + at_last());
  if (p.last_cell != nullptr) std::copy_n(p.kept + at_kept(end), plane(), p.last_cell + at_last());
}

void Direction::backward_step(const RecurrentBackward& p, std::int64_t turn, float* diff_hidden,
                              float* diff_cell) const {
  const CellSize size{l_.batch, l_.units};
  float* gates = p.gates + at_gates(turn);
  float* kept = p.kept + at_kept(turn);
  if (p.diff_states != nullptr) add_to(diff_hidden, p.diff_states + at_state(turn), plane());
  Product product{l_.batch, l_.units, row()};
  if (l_.cell == Recurrent::Cell::kLstm) {
    kernels::lstm_cell_backward(size, gates, turn > 0 ? p.kept + at_kept(turn - 1) : nullptr, kept,
                                diff_hidden, diff_cell);
    if (turn > 0) multiply(product, gates, p.recurrent + at_recurrent(), diff_hidden);
    return;
  }
  kernels::gru_cell_backward(size, gates, kept, turn > 0 ? p.states + at_state(turn - 1) : nullptr,
                             diff_hidden);
  product.keeps = true;
  if (turn > 0) multiply(product, kept, p.recurrent + at_recurrent(), diff_hidden);
}

void Direction::weight_gradients(const RecurrentBackward& p) const {
  const std::int64_t rows = l_.steps * l_.batch;
  const bool lstm = l_.cell == Recurrent::Cell::kLstm;
  const float* sums = p.gates + index_ * rows * row();
  multiply({row(), l_.in, rows, true}, sums, p.src, p.diff_weights + at_weights());
  const float* recurrent = lstm ? p.gates : p.kept;
  float* diff_recurrent = p.diff_recurrent + at_recurrent();
  std::fill_n(diff_recurrent, row() * l_.units, 0.0F);
  for (std::int64_t turn = 1; turn < l_.steps; ++turn) {
    multiply({row(), l_.units, l_.batch, true, false, true},
             recurrent + (lstm ? at_gates(turn) : at_kept(turn)), p.states + at_state(turn - 1),
             diff_recurrent);
  }
  if (p.diff_bias == nullptr) return;
  float* bias = p.diff_bias + at_bias();
  std::fill_n(bias, 2 * row(), 0.0F);
  const float* inner = recurrent + index_ * rows * row();
  for (std::int64_t i = 0; i < rows; ++i) {
    add_to(bias, sums + i * row(), row());
    add_to(bias + row(), inner + i * row(), row());
  }
}

void Direction::backward(const RecurrentBackward& p) const {
  float *diff_hidden = p.scratch, *diff_cell = p.scratch + plane();
  std::fill_n(p.scratch, 2 * plane(), 0.0F);
  if (p.diff_last != nullptr) add_to(diff_hidden, p.diff_last + at_last(), plane());
  if (p.diff_last_cell != nullptr) add_to(diff_cell, p.diff_last_cell + at_last(), plane());
  for (std::int64_t turn = l_.steps; turn-- > 0;) backward_step(p, turn, diff_hidden, diff_cell);
  if (p.diff_src != nullptr) {
    const std::int64_t rows = l_.steps * l_.batch;
    multiply({rows, l_.in, row(), false, false, index_ > 0}, p.gates + index_ * rows * row(),
             p.weights + at_weights(), p.diff_src);
  }
  weight_gradients(p);
}

}  // namespace

PackedRecurrent::PackedRecurrent(const Recurrent& layer, const float* weights,
                                 const float* recurrent, const float* bias)
    : source_({layer.steps * layer.batch, layer.in, layer.gates() * layer.units}, false),
      state_({layer.batch, layer.units, layer.gates() * layer.units}, false,
             layer.cell == Recurrent::Cell::kLstm) {
  const bool lstm = layer.cell == Recurrent::Cell::kLstm;
  const std::int64_t row = layer.gates() * layer.units;
  const auto part = [](const float* from, std::int64_t at, std::int64_t count) {
    return std::span(from + at, static_cast<std::size_t>(count));
  };
  for (std::int64_t d = 0; d < layer.directions; ++d) {
    std::vector<float> first, second;  // of the source's sums, of the state's
    if (bias != nullptr) {
      first.assign(bias + 2 * d * row, bias + (2 * d + 1) * row);
      second.assign(bias + (2 * d + 1) * row, bias + 2 * (d + 1) * row);
      if (lstm) add_to(first.data(), second.data(), row);
    }
    if (lstm) second.clear();
    weights_.push_back(
        source_.pack(part(weights, d * row * layer.in, row * layer.in), layer.in, 1, first));
    recurrent_.push_back(state_.pack(part(recurrent, d * row * layer.units, row * layer.units),
                                     layer.units, 1, second));
  }
}

void PackedRecurrent::project(std::int64_t direction, const float* src, float* gates) const {
  source_.run(src, weights_[static_cast<std::size_t>(direction)].data(), gates);
}

void PackedRecurrent::step(std::int64_t direction, const float* state, float* sums) const {
  state_.run(state, recurrent_[static_cast<std::size_t>(direction)].data(), sums);
}

void recurrent_forward(const Recurrent& layer, const RecurrentForward& p) {
  for (std::int64_t d = 0; d < layer.directions; ++d) Direction(layer, d).forward(p);
}

void recurrent_backward(const Recurrent& layer, const RecurrentBackward& p) {
  for (std::int64_t d = 0; d < layer.directions; ++d) Direction(layer, d).backward(p);
}

}  // namespace tenbin::dnn

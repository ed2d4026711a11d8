// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/elementwise.h"

// What RNN, GRU and LSTM share: checks, the product of all inputs at once, the walk over time.
namespace tenbin {

// One of the activation functions that the recurrent operators name.
struct GateActivation {
  enum class Kind : std::uint8_t {
    kRelu,
    kTanh,
    kSigmoid,
    kAffine,
    kLeakyRelu,
    kThresholdedRelu,
    kScaledTanh,
    kHardSigmoid,
    kElu,
    kSoftsign,
    kSoftplus,
  };
  Kind kind = Kind::kTanh;
  float alpha = 0, beta = 0;

  template <class T> T operator()(T x) const {
    const T a = static_cast<T>(alpha), b = static_cast<T>(beta);
    switch (kind) {
      case Kind::kRelu: return std::max(x, T{0});
      case Kind::kTanh: return std::tanh(x);
      case Kind::kSigmoid: return T{1} / (T{1} + std::exp(-x));
      case Kind::kAffine: return a * x + b;
      case Kind::kLeakyRelu: return x >= T{0} ? x : a * x;
      case Kind::kThresholdedRelu: return x > a ? x : T{0};
      case Kind::kScaledTanh: return a * std::tanh(b * x);
      case Kind::kHardSigmoid: return std::clamp(a * x + b, T{0}, T{1});
      case Kind::kElu: return x >= T{0} ? x : a * std::expm1(x);
      case Kind::kSoftsign: return x / (T{1} + std::fabs(x));
      case Kind::kSoftplus: return std::log1p(std::exp(-std::fabs(x))) + std::max(x, T{0});
    }
    return x;
  }
};

// A checked call. Inputs in the operators' common order: X [steps, batch, in] (layout 0) or
// [batch, steps, in] (layout 1), W [directions, gates*hidden, in], R [directions, gates*hidden,
// hidden], B [directions, 2*gates*hidden] or null, sequence_lens [batch] or null, initial_h
// [directions, batch, hidden] (layout 1: [batch, directions, hidden]) or null.
struct Recurrent {
  std::int64_t steps = 0, batch = 0, in = 0, hidden = 0, directions = 1, gates = 1;
  bool reverse = false;                     // the only direction goes backwards
  bool batch_first = false;                 // layout 1
  float clip = 0;                           // bound on what enters an activation; 0: none
  std::vector<GateActivation> activations;  // of the first direction, then of the second
  std::vector<std::int64_t> lengths;        // [batch]
  const Tensor *x = nullptr, *w = nullptr, *r = nullptr, *bias = nullptr, *initial_h = nullptr;

  // Where the hidden values of a direction and row lie in a state, and of a step too in Y.
  std::int64_t state_at(std::int64_t direction, std::int64_t row) const {
    return (batch_first ? row * directions + direction : direction * batch + row) * hidden;
  }
  std::int64_t y_at(std::int64_t step, std::int64_t direction, std::int64_t row) const {
    return (batch_first ? (row * steps + step) * directions + direction
                        : (step * directions + direction) * batch + row) *
           hidden;
  }
  Shape state_shape() const;
  Shape y_shape() const;
  const GateActivation& activation(std::int64_t direction, std::size_t i) const {
    const std::size_t each = activations.size() / static_cast<std::size_t>(directions);
    return activations[static_cast<std::size_t>(direction) * each + i];
  }
  template <class T> T clipped(T value) const {
    const T bound = static_cast<T>(clip);
    return clip > 0 ? std::clamp(value, -bound, bound) : value;
  }
};

// `defaults`: names of the activations of one direction. Errors kBadShape, kUnsupportedOp: a type
// other than float32 and float64, an activation or direction that does not exist.
Result<Recurrent> check_recurrent(const OpCall& call, OpInputs inputs, std::int64_t gates,
                                  const std::vector<std::string>& defaults);
// An operand of a state's shape; null when left out.
Result<const Tensor*> check_state(const OpCall& call, const Recurrent& r, OpInputs inputs,
                                  std::size_t i);

// out[rows, columns] (+)= a[rows, steps] * b[steps, columns], all row by row.
void row_product(std::int64_t rows, std::int64_t steps, std::int64_t columns, const float* a,
                 const float* b, float* out, bool adds);
void row_product(std::int64_t rows, std::int64_t steps, std::int64_t columns, const double* a,
                 const double* b, double* out, bool adds);

// Columns [begin, end) of the transposed of matrix `direction` of a [directions, rows, columns]
// tensor, as rows: [columns, end - begin].
template <class T>
std::vector<T> turned(const Tensor& tensor, std::int64_t direction, std::int64_t begin,
                      std::int64_t end) {
  const std::int64_t rows = tensor.shape()[1], columns = tensor.shape()[2];
  const T* from = tensor.data<T>().data() + direction * rows * columns;
  std::vector<T> out(static_cast<std::size_t>((end - begin) * columns));
  for (std::int64_t r = begin; r < end; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      out[static_cast<std::size_t>(c * (end - begin) + r - begin)] = from[r * columns + c];
    }
  }
  return out;
}

// X times W of one direction plus `bias` [gates*hidden], for all steps in one product: rows as in
// X.
template <class T>
std::vector<T> project(const Recurrent& r, std::int64_t direction, const std::vector<T>& bias) {
  const std::int64_t width = r.gates * r.hidden, rows = r.steps * r.batch;
  std::vector<T> out(static_cast<std::size_t>(rows * width));
  for (std::int64_t row = 0; row < rows; ++row) {
    std::copy(bias.begin(), bias.end(), out.begin() + row * width);
  }
  const std::vector<T> weights = turned<T>(*r.w, direction, 0, width);
  row_product(rows, r.in, width, r.x->data<T>().data(), weights.data(), out.data(), true);
  return out;
}

// Bias of a direction: the one of W (first half) plus, for gates before `joined`, the one of R.
template <class T>
std::vector<T> joined_bias(const Recurrent& r, std::int64_t direction, std::int64_t joined) {
  const std::int64_t width = r.gates * r.hidden;
  std::vector<T> out(static_cast<std::size_t>(width), T{0});
  if (r.bias == nullptr) return out;
  const T* b = r.bias->data<T>().data() + direction * 2 * width;
  for (std::int64_t i = 0; i < width; ++i) {
    out[static_cast<std::size_t>(i)] = b[i] + (i < joined * r.hidden ? b[width + i] : T{0});
  }
  return out;
}

// A state of one direction as [batch, hidden]; zeros when `from` is null.
template <class T>
std::vector<T> load_state(const Recurrent& r, const Tensor* from, std::int64_t direction) {
  std::vector<T> out(static_cast<std::size_t>(r.batch * r.hidden), T{0});
  for (std::int64_t b = 0; from != nullptr && b < r.batch; ++b) {
    const T* row = from->data<T>().data() + r.state_at(direction, b);
    std::copy(row, row + r.hidden, out.begin() + b * r.hidden);
  }
  return out;
}
template <class T>
void store_state(const Recurrent& r, const std::vector<T>& state, std::int64_t direction,
                 Tensor& to) {
  for (std::int64_t b = 0; b < r.batch; ++b) {
    const auto row = state.begin() + b * r.hidden;
    std::copy(row, row + r.hidden, to.data<T>().begin() + r.state_at(direction, b));
  }
}

// Walks one direction over time. Before each step `gates` [batch, gates*hidden] holds the projected
// inputs of the rows that still run; step(gates, rows) makes `h` [batch, hidden] of those rows new.
// Y gets h at the row's own time; steps past the end of a row stay zero.
template <class T, class Step>
void walk_time(const Recurrent& r, std::int64_t direction, const std::vector<T>& projected,
               const std::vector<T>& h, Tensor& y, Step&& step) {
  const std::int64_t width = r.gates * r.hidden;
  const bool back = direction == 1 || r.reverse;
  std::vector<T> gates(static_cast<std::size_t>(r.batch * width), T{0});
  std::vector<std::int64_t> rows;
  T* out = y.data<T>().data();
  for (std::int64_t s = 0; s < r.steps; ++s) {
    rows.clear();
    const auto time_of = [&](std::int64_t b) {
      return back ? r.lengths[static_cast<std::size_t>(b)] - 1 - s : s;
    };
    for (std::int64_t b = 0; b < r.batch; ++b) {
      if (s >= r.lengths[static_cast<std::size_t>(b)]) continue;
      rows.push_back(b);
      const std::int64_t t = time_of(b);
      const std::int64_t row = r.batch_first ? b * r.steps + t : t * r.batch + b;
      const auto from = projected.begin() + row * width;
      std::copy(from, from + width, gates.begin() + b * width);
    }
    if (rows.empty()) return;
    step(gates.data(), rows);
    for (const std::int64_t b : rows) {
      std::copy(h.begin() + b * r.hidden, h.begin() + (b + 1) * r.hidden,
                out + r.y_at(time_of(b), direction, b));
    }
  }
}

}  // namespace tenbin

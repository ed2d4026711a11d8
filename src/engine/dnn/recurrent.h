// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernels/tile_dense.h"

namespace tenbin::dnn {

// A layer of recurrent cells over steps, in ONNX's layouts: source [steps, batch, in], weights
// [directions, gates * units, in], recurrent weights [directions, gates * units, units], bias
// [directions, 2 * gates * units], states [steps, directions, batch, units].
struct Recurrent {
  enum class Cell { kLstm, kGru };
  Cell cell = Cell::kLstm;
  std::int64_t steps = 0, batch = 0, in = 0, units = 0, directions = 1;
  bool reversed = false;  // the only direction begins at the last step
  std::int64_t gates() const { return cell == Cell::kLstm ? 4 : 3; }
  std::int64_t gate_floats() const { return directions * steps * batch * gates() * units; }
  // What a step keeps beside its gates: cells of an LSTM, recurrent sums of a GRU.
  std::int64_t kept_floats() const {
    return directions * steps * batch * (cell == Cell::kLstm ? 1 : gates()) * units;
  }
};

// Weights that never change, packed once, with the biases that they are followed by. Needs AVX2.
class PackedRecurrent {
 public:
  PackedRecurrent(const Recurrent& layer, const float* weights, const float* recurrent,
                  const float* bias);
  // The sums of all steps that the source alone decides; and those that the state before a step
  // adds (LSTM) or makes (GRU).
  void project(std::int64_t direction, const float* src, float* gates) const;
  void step(std::int64_t direction, const float* state, float* sums) const;

 private:
  kernels::TileDense source_, state_;
  std::vector<std::vector<float>> weights_, recurrent_;  // of each direction
};

// Any output may be null but `gates`, `kept` and `states`. With `packed`, the weights and the bias
// of the source are not read.
struct RecurrentForward {
  const float *src, *weights, *recurrent, *bias;  // bias may be null
  float *gates, *kept, *states, *last, *last_cell;
  const PackedRecurrent* packed = nullptr;
};
void recurrent_forward(const Recurrent& layer, const RecurrentForward& p);

// `gates` and `kept` as forward left them; they are written over. Gradients that come in may be
// null (zero), as may those of source and bias that go out. `scratch`: 2 * batch * units floats.
struct RecurrentBackward {
  const float *src, *weights, *recurrent, *states;
  float *gates, *kept;
  const float *diff_states, *diff_last, *diff_last_cell;
  float *diff_src, *diff_weights, *diff_recurrent, *diff_bias, *scratch;
};
void recurrent_backward(const Recurrent& layer, const RecurrentBackward& p);

}  // namespace tenbin::dnn

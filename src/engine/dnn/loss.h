// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engine/train.h"

namespace tenbin::dnn {

// What the loss step of a program reads and writes; lives in the plan.
struct LossState {
  Loss loss = Loss::kSoftmaxCrossEntropy;
  float smoothing = 0, delta = 1;
  std::vector<float> class_weights;
  std::int64_t rows = 0, outputs = 0;  // of the buffers
  std::int64_t real = 0;               // rows of this batch
  std::vector<std::int64_t> labels;    // [rows]
  std::vector<float> targets;          // [rows, outputs]
  double value = 0;                    // mean loss of the last step
};

// values [rows, outputs] -> gradient, and the loss into `state.value`.
void run_loss(LossState& state, const float* values, float* gradient);
// The loss's activation, in place: probabilities, or values as they are.
void activate(Loss loss, float* values, std::int64_t rows, std::int64_t outputs);
// Mean loss of activated predictions, for validation.
double loss_of(const LossState& state, const float* activated, std::int64_t real);
// Copies labels or targets of a batch. Error kBadShape when the batch lacks what the loss needs,
// or a label is out of range.
Status take_targets(LossState& state, const Batch& batch);

}  // namespace tenbin::dnn

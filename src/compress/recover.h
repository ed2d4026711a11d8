// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "engine/train.h"
#include "graph/graph.h"
#include "tensor/tensor.h"

namespace tenbin {

// Rows of a network and what a teacher answers to them. Borrowed.
struct TeacherRows {
  const Tensor& features;         // float32 [rows, ...]
  std::span<const float> logits;  // [rows, outputs]
  std::int64_t outputs = 1;
  std::int64_t rows() const { return features.shape().front(); }
};

struct RecoverOptions {
  std::int64_t epochs = 20;  // at most; hooks bring the end forward
  std::int64_t batch = 64;
  double rate = 2e-3;
  int threads = 1;
  std::uint64_t seed = 1;
};

// Trains a network that was cut until it answers as its teacher does: mean squared error of the
// logits, no labels. One row in ten is kept aside (at most 4096), and the weights that agree with
// the teacher on most of those (outputs > 1: the same largest logit; else the least error) are the
// result's `best`. Of `hooks`, score is ours. `student` [batch, ...] -> "logits" [batch, outputs].
// Errors: those of TrainPlan; kBadShape: logits do not fit; kTooFewRows: fewer than 20.
// Source: Hinton, Vinyals, Dean 2015, Distilling the Knowledge in a Neural Network; Ba, Caruana
// 2014, Do Deep Nets Really Need to be Deep? (logits as targets).
Result<TrainResult> recover(const Graph& student, const TeacherRows& teacher,
                            const RecoverOptions& options, TrainHooks hooks);

// Share of rows whose largest answer is the teacher's; with one output: minus the mean squared
// error. Higher is better.
double agreement(std::span<const float> answers, std::span<const float> teacher,
                 std::int64_t outputs);

}  // namespace tenbin

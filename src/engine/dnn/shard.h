// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "engine/dnn/builder.h"
#include "engine/dnn/loss.h"

namespace tenbin::dnn {

// A run of a batch's rows, with all that one thread needs to take it forwards and backwards alone:
// programs, arena, gradients, loss. Shards share the weights and nothing else, so they run at the
// same time, and their gradients are summed in the order of the shards: the same bits whoever ran
// which.
class Shard {
 public:
  Shard(const dnnl::engine& engine, std::int64_t first_row)
      : first_(first_row), train_(engine), evaluate_(engine) {}

  // Builds both programs for as many rows as the graph's input has, over `weights` (borrowed).
  // `seed` and `steps` (borrowed) key its dropout. With weights == nullptr only the layouts of the
  // parameters are found out.
  Status build(const Graph& graph, Parameters& parameters, const BuildOptions& options,
               float* weights, std::uint64_t* steps);
  void set_loss(const TrainOptions& options);

  // Its rows of a batch, borrowed until the next call below; maybe none. take() copies their
  // targets too, with the error of take_targets().
  void take_features(const Batch& batch);
  Status take(const Batch& batch);
  bool train();     // forward and backward over the rows taken; leaves gradients
  bool evaluate();  // forward only; leaves predictions
  // What take() was given: rows, and the sum of their class weights.
  std::int64_t real_rows() const { return loss_.real; }
  double weight() const;
  double loss() const { return loss_.value; }
  std::int64_t first_row() const { return first_; }
  std::int64_t outputs() const { return loss_.outputs; }
  float* gradients() const { return gradients_.get(); }
  std::span<float> predictions() const;
  std::size_t bytes() const { return train_.bytes() + evaluate_.bytes(); }  // of both programs
  std::size_t steps_run_again() const { return train_.steps_run_again(); }
  const std::vector<std::string>& kernels() const { return train_.kernels(); }

 private:
  Status build_program(const Graph& graph, Parameters& parameters, const BuildOptions& options,
                       float* weights, std::uint64_t* steps);

  std::int64_t first_, rows_ = 0, row_size_ = 0;
  Program train_, evaluate_;
  AlignedFloats gradients_;
  float *train_input_ = nullptr, *evaluate_input_ = nullptr, *evaluate_output_ = nullptr;
  LossState loss_;
  std::span<const float> features_;
};

}  // namespace tenbin::dnn

// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/shard.h"

#include <algorithm>
#include <cstring>

namespace tenbin::dnn {
namespace {

void loss_kernel(const KernelArgs& args) {
  run_loss(*static_cast<LossState*>(args.state), args.p[0], args.p[1]);
}

// The part of a per-row array that rows [first, first + count) have; empty stays empty.
template <class T>
std::span<const T> part_of(std::span<const T> all, std::int64_t first, std::int64_t count,
                           std::int64_t width) {
  const auto begin = static_cast<std::size_t>(first * width);
  if (all.size() <= begin) return {};
  return all.subspan(begin, std::min(all.size() - begin, static_cast<std::size_t>(count * width)));
}

}  // namespace

Status Shard::build(const Graph& graph, Parameters& parameters, const BuildOptions& options,
                    float* weights, std::uint64_t* steps) {
  if (weights != nullptr) gradients_ = aligned_floats(parameters.bytes());
  const Shape& shape = graph.inputs.front().shape;
  rows_ = shape.front();
  row_size_ = count_of(shape) / rows_;
  TENBIN_CHECK(build_program(graph, parameters, options, weights, steps));
  if (weights == nullptr) return {};
  BuildOptions evaluation = options;
  evaluation.mode = Mode::kEvaluate;
  evaluation.layout = Layout::kBlocked;  // as the model that leaves is scored: in floats
  evaluation.type = dnnl::memory::data_type::f32;
  return build_program(graph, parameters, evaluation, weights, steps);
}

Status Shard::build_program(const Graph& graph, Parameters& parameters, const BuildOptions& options,
                            float* weights, std::uint64_t* steps) {
  const bool trains = options.mode == Mode::kTrain;
  Program& program = trains ? train_ : evaluate_;
  Builder builder(graph, program, parameters, options);
  builder.parameter_memory = weights;
  builder.gradient_memory = gradients_.get();
  builder.step_counter = steps;
  const Ref in = program.arena_ref(plain_desc(graph.inputs.front().shape));
  program.keep_from_start(in.buffer);
  TENBIN_CHECK(builder.forward(std::span(&in, 1)));
  TENBIN_TRY(const Ref out, builder.plain(builder.output()));
  program.keep_to_end(out.buffer);
  const Shape& shape = builder.output().shape;
  if (shape.size() != 2) {
    return Error(ErrorCode::kBadShape,
                 "network ends in shape " + to_text(shape) + ", expected [batch, outputs]");
  }
  loss_.outputs = shape[1];
  if (trains && weights != nullptr) {
    if (options.memory) program.limit(*options.memory);
    const Ref gradient = program.arena_ref(plain_desc(shape));
    KernelArgs args;
    args.state = &loss_;
    program.add(loss_kernel, args, {out, gradient});
    TENBIN_CHECK(builder.backward(gradient));
  }
  program.finish(trains ? nullptr : &train_);  // a shard trains or evaluates, never both
  (trains ? train_input_ : evaluate_input_) = program.data(in.buffer);
  if (!trains) evaluate_output_ = program.data(out.buffer);
  return {};
}

void Shard::set_loss(const TrainOptions& options) {
  loss_.loss = options.loss;
  loss_.smoothing = static_cast<float>(options.label_smoothing);
  loss_.delta = static_cast<float>(options.huber_delta);
  loss_.class_weights = options.class_weights;
  loss_.rows = rows_;
  loss_.labels.resize(static_cast<std::size_t>(rows_));
  loss_.targets.resize(static_cast<std::size_t>(rows_ * loss_.outputs));
}

void Shard::take_features(const Batch& batch) {
  loss_.real = std::clamp<std::int64_t>(batch.rows - first_, 0, rows_);
  features_ = part_of(batch.features, first_, loss_.real, row_size_);
}

Status Shard::take(const Batch& batch) {
  take_features(batch);
  Batch mine;
  mine.rows = loss_.real;
  mine.labels = part_of(batch.labels, first_, mine.rows, 1);
  mine.targets = part_of(batch.targets, first_, mine.rows, loss_.outputs);
  return mine.rows == 0 ? Status{} : take_targets(loss_, mine);
}

double Shard::weight() const {
  if (loss_.class_weights.empty()) return static_cast<double>(loss_.real);
  double sum = 0;
  for (std::int64_t i = 0; i < loss_.real; ++i) {
    const auto label = static_cast<std::size_t>(loss_.labels[static_cast<std::size_t>(i)]);
    sum += static_cast<double>(loss_.class_weights[label]);
  }
  return sum;
}

bool Shard::train() {
  const auto all = static_cast<std::size_t>(rows_ * row_size_);
  std::memcpy(train_input_, features_.data(), features_.size_bytes());
  std::fill(train_input_ + features_.size(), train_input_ + all, 0.0F);
  return train_.run();
}

bool Shard::evaluate() {
  const auto all = static_cast<std::size_t>(rows_ * row_size_);
  std::memcpy(evaluate_input_, features_.data(), features_.size_bytes());
  std::fill(evaluate_input_ + features_.size(), evaluate_input_ + all, 0.0F);
  return evaluate_.run();
}

std::span<float> Shard::predictions() const {
  return {evaluate_output_, static_cast<std::size_t>(loss_.real * loss_.outputs)};
}

}  // namespace tenbin::dnn

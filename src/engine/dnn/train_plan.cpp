// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/dnn/builder.h"
#include "engine/dnn/loss.h"
#include "engine/dnn/weights.h"
#include "engine/kernels/kernels.h"
#include "engine/train.h"

namespace tenbin {
namespace {

using dnn::AlignedFloats;
using dnn::Builder;
using dnn::BuildOptions;
using dnn::Mode;
using dnn::Program;
using dnn::Ref;

constexpr std::uint32_t kStateVersion = 1;

void loss_kernel(const dnn::KernelArgs& args) {
  dnn::run_loss(*static_cast<dnn::LossState*>(args.state), args.p[0], args.p[1]);
}

// Deterministic, so that the same seed on the same kind of machine gives the same bits: one
// blocked layout from the first convolution to the last, Winograd where its kernel exists.
BuildOptions build_options(const TrainOptions& options) {
  BuildOptions build;
  build.mode = Mode::kTrain;
  build.layout = dnn::Layout::kBlocked;
  build.convolution = dnn::ConvChoice::kWinograd;
  build.seed = options.seed;
  return build;
}

class OneDnnTrainPlan : public TrainPlan {
 public:
  OneDnnTrainPlan(Graph graph, std::int64_t batch, const TrainOptions& options)
      : graph_(std::move(graph)),
        options_(options),
        batch_(batch),
        engine_(dnnl::engine::kind::cpu, 0),
        train_(engine_),
        evaluate_(engine_) {}

  Status build();
  double step(const Batch& batch, double rate) override;
  Status predict(const Batch& batch, std::span<float> out) override;
  std::int64_t outputs() const override { return loss_.outputs; }
  Graph export_graph() const override;
  std::string save_state() const override;
  Status load_state(std::string_view state) override;
  bool finite() const override {
    return kernels::all_finite(weights_.get(), static_cast<std::int64_t>(parameters_.bytes() / 4));
  }
  Bytes planned_bytes() const override {
    const std::size_t state =
        parameters_.bytes() * (options_.optimizer == OptimizerKind::kSgd ? 3 : 4);
    return {static_cast<std::int64_t>(state + train_.bytes() + evaluate_.bytes())};
  }
  std::vector<std::string> kernels() const override { return train_.kernels(); }

 private:
  Status build_program(Program& program, Mode mode, float*& input, float*& output);
  void take_features(const Batch& batch, float* input) const;
  void apply_update(double rate);

  Graph graph_;
  TrainOptions options_;
  std::int64_t batch_, row_size_ = 0;
  dnnl::engine engine_;
  dnn::Parameters parameters_;
  Program train_, evaluate_;
  AlignedFloats weights_, gradients_, first_, second_;
  float *train_input_ = nullptr, *evaluate_input_ = nullptr;
  float *train_output_ = nullptr, *evaluate_output_ = nullptr;
  dnn::LossState loss_;
  std::uint64_t steps_ = 0;
};

Status OneDnnTrainPlan::build_program(Program& program, Mode mode, float*& input, float*& output) {
  BuildOptions build = build_options(options_);
  build.mode = mode;
  Builder builder(graph_, program, parameters_, build);
  builder.parameter_memory = weights_.get();
  builder.gradient_memory = gradients_.get();
  builder.step_counter = &steps_;
  const Ref in = program.arena_ref(dnn::plain_desc(graph_.inputs.front().shape));
  program.keep_from_start(in.buffer);
  TENBIN_CHECK(builder.forward(in));
  TENBIN_TRY(const Ref out, builder.plain(builder.output()));
  program.keep_to_end(out.buffer);
  if (builder.output().shape.size() != 2) {
    return Error(ErrorCode::kBadShape, "network ends in shape " + to_text(builder.output().shape) +
                                           ", expected [batch, outputs]");
  }
  loss_.outputs = builder.output().shape[1];
  if (mode == Mode::kTrain && weights_ != nullptr) {
    const Ref gradient = program.arena_ref(dnn::plain_desc(builder.output().shape));
    dnn::KernelArgs args;
    args.state = &loss_;
    program.add(loss_kernel, args, {out, gradient});
    TENBIN_CHECK(builder.backward(gradient));
  }
  program.finish();
  input = program.data(in.buffer);
  output = program.data(out.buffer);
  return {};
}

Status OneDnnTrainPlan::build() {
  omp_set_num_threads(options_.threads);
  if (graph_.inputs.size() != 1 || graph_.outputs.size() != 1) {
    return Error(ErrorCode::kBadModel, "network has " + std::to_string(graph_.inputs.size()) +
                                           " inputs and " + std::to_string(graph_.outputs.size()) +
                                           " outputs, expected one of each");
  }
  Shape& shape = graph_.inputs.front().shape;
  shape[0] = batch_;
  row_size_ = count_of(shape) / batch_;
  {
    Program layouts(engine_);  // a pass that only finds out how the weights want to lie
    float *in = nullptr, *out = nullptr;
    TENBIN_CHECK(build_program(layouts, Mode::kTrain, in, out));
  }
  weights_ = dnn::aligned_floats(parameters_.bytes());
  gradients_ = dnn::aligned_floats(parameters_.bytes());
  first_ = dnn::aligned_floats(parameters_.bytes());
  if (options_.optimizer != OptimizerKind::kSgd) {
    second_ = dnn::aligned_floats(parameters_.bytes());
  }
  TENBIN_CHECK(dnn::load_weights(engine_, graph_, parameters_, weights_.get()));
  TENBIN_CHECK(build_program(train_, Mode::kTrain, train_input_, train_output_));
  TENBIN_CHECK(build_program(evaluate_, Mode::kEvaluate, evaluate_input_, evaluate_output_));
  loss_.loss = options_.loss;
  loss_.smoothing = static_cast<float>(options_.label_smoothing);
  loss_.delta = static_cast<float>(options_.huber_delta);
  loss_.class_weights = options_.class_weights;
  loss_.rows = batch_;
  loss_.labels.resize(static_cast<std::size_t>(batch_));
  loss_.targets.resize(static_cast<std::size_t>(batch_ * loss_.outputs));
  const auto classes = options_.loss == Loss::kBinaryCrossEntropy ? 2 : loss_.outputs;
  if (!loss_.class_weights.empty() &&
      static_cast<std::int64_t>(loss_.class_weights.size()) != classes) {
    return Error(ErrorCode::kBadShape, std::to_string(loss_.class_weights.size()) +
                                           " class weights, expected " + std::to_string(classes));
  }
  return {};
}

void OneDnnTrainPlan::take_features(const Batch& batch, float* input) const {
  const auto real = static_cast<std::size_t>(batch.rows * row_size_);
  std::memcpy(input, batch.features.data(), real * sizeof(float));
  const auto all = static_cast<std::size_t>(batch_ * row_size_);
  if (real < all) std::memset(input + real, 0, (all - real) * sizeof(float));
}

void OneDnnTrainPlan::apply_update(double rate) {
  float scale = 1;
  if (options_.clip_norm > 0) {
    double squares = 0;
    for (const dnn::Parameter& p : parameters_.list()) {
      if (p.trained) {
        squares += kernels::sum_of_squares(gradients_.get() + p.offset / 4,
                                           static_cast<std::int64_t>(p.bytes / 4));
      }
    }
    const double norm = std::sqrt(squares);
    if (norm > options_.clip_norm) scale = static_cast<float>(options_.clip_norm / norm);
  }
  kernels::Update how;
  how.kind = options_.optimizer;
  how.rate = static_cast<float>(rate);
  how.momentum = static_cast<float>(options_.momentum);
  how.beta1 = static_cast<float>(options_.beta1);
  how.beta2 = static_cast<float>(options_.beta2);
  how.epsilon = static_cast<float>(options_.epsilon);
  how.scale = scale;
  const auto t = static_cast<double>(steps_ + 1);
  how.correction1 = static_cast<float>(1 / (1 - std::pow(options_.beta1, t)));
  how.correction2 = static_cast<float>(1 / (1 - std::pow(options_.beta2, t)));
  for (const dnn::Parameter& p : parameters_.list()) {
    if (!p.trained) continue;
    how.decay = p.decays ? static_cast<float>(options_.weight_decay) : 0.0F;
    const std::size_t at = p.offset / 4;
    kernels::update(how, weights_.get() + at, gradients_.get() + at, first_.get() + at,
                    second_ == nullptr ? nullptr : second_.get() + at,
                    static_cast<std::int64_t>(p.bytes / 4));
  }
}

double OneDnnTrainPlan::step(const Batch& batch, double rate) {
  if (!dnn::take_targets(loss_, batch).ok()) return std::nan("");
  take_features(batch, train_input_);
  if (!train_.run()) return std::nan("");
  apply_update(rate);
  ++steps_;
  return loss_.value;
}

Status OneDnnTrainPlan::predict(const Batch& batch, std::span<float> out) {
  const std::int64_t count = batch.rows * loss_.outputs;
  if (static_cast<std::int64_t>(out.size()) < count) {
    return Error(ErrorCode::kBadShape, "output buffer is too small");
  }
  take_features(batch, evaluate_input_);
  if (!evaluate_.run()) return Error(ErrorCode::kBug, "a kernel refused to run");
  std::memcpy(out.data(), evaluate_output_, static_cast<std::size_t>(count) * sizeof(float));
  dnn::activate(options_.loss, out.data(), batch.rows, loss_.outputs);
  return {};
}

Graph OneDnnTrainPlan::export_graph() const {
  Graph graph = graph_;
  (void)dnn::store_weights(engine_, parameters_, weights_.get(), graph).ok();
  graph.inputs.front().shape[0] = -1;
  if (!graph.outputs.front().shape.empty()) graph.outputs.front().shape[0] = -1;
  graph.values.clear();
  return graph;
}

std::string OneDnnTrainPlan::save_state() const {
  std::string out;
  const auto put = [&](const void* bytes, std::size_t size) {
    out.append(static_cast<const char*>(bytes), size);
  };
  const std::uint64_t size = parameters_.bytes();
  put(&kStateVersion, sizeof kStateVersion);
  put(&size, sizeof size);
  put(&steps_, sizeof steps_);
  put(weights_.get(), size);
  put(first_.get(), size);
  if (second_ != nullptr) put(second_.get(), size);
  return out;
}

Status OneDnnTrainPlan::load_state(std::string_view state) {
  std::uint32_t version = 0;
  std::uint64_t size = 0;
  const std::size_t head = sizeof version + sizeof size + sizeof steps_;
  const std::size_t arrays = second_ != nullptr ? 3 : 2;
  if (state.size() >= head) {
    std::memcpy(&version, state.data(), sizeof version);
    std::memcpy(&size, state.data() + sizeof version, sizeof size);
  }
  if (version != kStateVersion || size != parameters_.bytes() ||
      state.size() != head + arrays * size) {
    return Error(ErrorCode::kBadCheckpoint,
                 "state of " + std::to_string(state.size()) + " bytes does not fit this network");
  }
  std::memcpy(&steps_, state.data() + sizeof version + sizeof size, sizeof steps_);
  const char* from = state.data() + head;
  std::memcpy(weights_.get(), from, size);
  std::memcpy(first_.get(), from + size, size);
  if (second_ != nullptr) std::memcpy(second_.get(), from + 2 * size, size);
  return {};
}

}  // namespace

Result<std::unique_ptr<TrainPlan>> TrainPlan::compile(const Graph& graph, std::int64_t batch,
                                                      const TrainOptions& options) {
  if (batch < 1) return Error(ErrorCode::kBadValue, "batch of " + std::to_string(batch));
  try {
    auto plan = std::make_unique<OneDnnTrainPlan>(graph, batch, options);
    TENBIN_CHECK(plan->build());
    return std::unique_ptr<TrainPlan>(std::move(plan));
  } catch (const dnnl::error& failure) {
    return Error(ErrorCode::kUnsupportedOp,
                 std::string("kernel library refuses this network: ") + failure.what());
  }
}

}  // namespace tenbin

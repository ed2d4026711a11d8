// SPDX-License-Identifier: Apache-2.0
#include "engine/inference_plan.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/dnn/quantised.h"
#include "engine/dnn/shared_floats.h"
#include "engine/dnn/tiled_plan.h"
#include "engine/dnn/weights.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

class OneDnnInferencePlan : public InferencePlan {
 public:
  OneDnnInferencePlan(const Graph& graph, std::int64_t batch, Precision precision)
      : graph_(graph),
        batch_(batch),
        precision_(precision),
        engine_(dnnl::engine::kind::cpu, 0),
        program_(engine_) {}

  Status build() {
    omp_set_num_threads(1);
    lift_constants(graph_);
    TENBIN_CHECK(fold_batch_norm(graph_));
    TENBIN_TRY(quantised_, dnn::take_quantised_constants(graph_));
    if (!has_exact_int8()) quantised_.clear();  // layers multiply the floats of the grid
    for (ValueInfo& input : graph_.inputs) {
      if (input.shape.empty()) return Error(ErrorCode::kUnsupportedOp, "an input without a batch");
      input.shape[0] = batch_;
      input_shapes_.push_back(input.shape);
    }
    {
      dnn::Program layouts(engine_);
      TENBIN_CHECK(emit(layouts));
    }
    dnn::AlignedFloats packed = dnn::aligned_floats(parameters_.bytes());
    TENBIN_CHECK(dnn::load_weights(engine_, graph_, parameters_, packed.get()));
    weights_ = dnn::share_floats(std::move(packed), parameters_.bytes());
    TENBIN_CHECK(emit(program_));
    graph_.initializers.clear();  // packed now
    quantised_.clear();
    return {};
  }

  std::int64_t batch() const override { return batch_; }
  const std::vector<Shape>& input_shapes() const override { return input_shapes_; }
  const std::vector<Shape>& output_shapes() const override { return output_shapes_; }
  void run(std::span<const std::span<const float>> inputs,
           std::span<const std::span<float>> outputs, StepWatch* watch) override {
    omp_set_num_threads(1);
    for (std::size_t i = 0; i < in_.size(); ++i) {
      const auto all = static_cast<std::size_t>(count_of(input_shapes_[i]));
      const std::size_t given = std::min(all, inputs[i].size());
      std::memcpy(in_[i], inputs[i].data(), given * sizeof(float));
      if (given < all) std::memset(in_[i] + given, 0, (all - given) * sizeof(float));
    }
    const bool ok = watch == nullptr ? program_.run() : program_.run(*watch);
    for (std::size_t i = 0; i < out_.size(); ++i) {
      const auto results = static_cast<std::size_t>(count_of(output_shapes_[i]));
      if (!ok) std::fill(outputs[i].begin(), outputs[i].end(), std::nanf(""));
      if (!ok) continue;
      std::memcpy(outputs[i].data(), out_[i], std::min(results, outputs[i].size()) * sizeof(float));
    }
  }
  Bytes planned_bytes() const override {
    return {static_cast<std::int64_t>(parameters_.bytes() + program_.bytes())};
  }
  const std::vector<std::string>& kernels() const override { return program_.kernels(); }

 private:
  Status emit(dnn::Program& program) {
    dnn::BuildOptions build;
    build.mode = dnn::Mode::kInfer;
    build.layout = dnn::Layout::kBlocked;
    if (precision_ == Precision::kBfloat16) dnn::use_bfloat16(build);
    build.convolution = dnn::ConvChoice::kWinograd;
    build.quantised = &quantised_;
    dnn::Builder builder(graph_, program, parameters_, build);
    builder.parameter_memory = weights_.get();
    std::vector<dnn::Ref> in, out;
    for (const Shape& shape : input_shapes_) {
      in.push_back(program.arena_ref(dnn::plain_desc(shape)));
      program.keep_from_start(in.back().buffer);
    }
    TENBIN_CHECK(builder.forward(in));
    output_shapes_.clear();
    for (const ValueInfo& output : graph_.outputs) {
      dnn::Builder::Value& value = builder.value(output.name);
      if (value.shape.empty() || value.shape[0] != batch_) {
        return Error(ErrorCode::kUnsupportedOp, "output '" + output.name + "' is " +
                                                    to_text(value.shape) + ", not a row each");
      }
      output_shapes_.push_back(value.shape);
      TENBIN_TRY(const dnn::Ref ref, builder.plain(value));
      out.push_back(ref);
      program.keep_to_end(ref.buffer);
    }
    program.finish();
    in_.clear();
    out_.clear();
    for (const dnn::Ref& ref : in) in_.push_back(program.data(ref.buffer));
    for (const dnn::Ref& ref : out) out_.push_back(program.data(ref.buffer));
    return {};
  }

  Graph graph_;
  dnn::QuantisedConstants quantised_;
  std::int64_t batch_;
  Precision precision_;
  dnnl::engine engine_;
  dnn::Parameters parameters_;
  dnn::Program program_;
  std::shared_ptr<float[]> weights_;  // read only, and by plans for other batches too
  std::vector<Shape> input_shapes_, output_shapes_;
  std::vector<float*> in_, out_;
};

// A call whose meaning is that of operator set 17: lowerings know no older forms.
bool in_present_form(const OpCall& call) {
  if (call.op == "Softmax") return call.opset >= 13;  // was one row from the axis on
  const bool arithmetic = call.op == "Add" || call.op == "Sub" || call.op == "Mul" ||
                          call.op == "Div" || call.op == "Pow";
  if (arithmetic) return call.opset >= 7 || call.find("axis") == nullptr;
  if (call.op == "Reshape") return call.find("shape") == nullptr;
  if (call.op == "BatchNormalization") {
    return call.outputs.size() < 2 && call.integer("training_mode", 0) == 0 &&
           call.integer("spatial", 1) != 0;
  }
  return call.op != "Dropout" || call.inputs.size() < 3;  // the third asks for training
}

}  // namespace

bool InferencePlan::supports(const OpCall& call) {
  return dnn::find_lowering(call.domain, call.op) != nullptr && in_present_form(call);
}

Result<std::unique_ptr<InferencePlan>> dnn::compile_single(const Graph& graph, std::int64_t batch,
                                                           Precision precision) {
  try {
    auto plan = std::make_unique<OneDnnInferencePlan>(graph, batch, precision);
    TENBIN_CHECK(plan->build());
    return std::unique_ptr<InferencePlan>(std::move(plan));
  } catch (const dnnl::error& failure) {
    return Error(ErrorCode::kUnsupportedOp,
                 std::string("kernel library refuses this network: ") + failure.what());
  }
}

Result<std::unique_ptr<InferencePlan>> InferencePlan::compile(const Graph& graph,
                                                              std::int64_t batch,
                                                              const PlanOptions& options) {
  TENBIN_CHECK(check_precision(options.precision));
  if (dnn::takes_tiles(batch, options.threads)) return dnn::compile_tiles(graph, batch, options);
  return dnn::compile_single(graph, batch, options.precision);
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/inference_plan.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/dnn/builder.h"
#include "engine/dnn/tiled_plan.h"
#include "engine/dnn/weights.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

class OneDnnInferencePlan : public InferencePlan {
 public:
  OneDnnInferencePlan(const Graph& graph, std::int64_t batch)
      : graph_(graph), batch_(batch), engine_(dnnl::engine::kind::cpu, 0), program_(engine_) {}

  Status build() {
    omp_set_num_threads(1);
    TENBIN_CHECK(fold_batch_norm(graph_));
    input_shape_ = graph_.inputs.front().shape;
    input_shape_[0] = batch_;
    graph_.inputs.front().shape = input_shape_;
    {
      dnn::Program layouts(engine_);
      TENBIN_CHECK(emit(layouts));
    }
    weights_ = dnn::aligned_floats(parameters_.bytes());
    TENBIN_CHECK(dnn::load_weights(engine_, graph_, parameters_, weights_.get()));
    TENBIN_CHECK(emit(program_));
    graph_.initializers.clear();  // packed now
    return {};
  }

  std::int64_t batch() const override { return batch_; }
  const Shape& input_shape() const override { return input_shape_; }
  const Shape& output_shape() const override { return output_shape_; }
  void run(std::span<const float> input, std::span<float> output) override {
    omp_set_num_threads(1);
    const auto all = static_cast<std::size_t>(count_of(input_shape_));
    const std::size_t given = std::min(all, input.size());
    std::memcpy(in_, input.data(), given * sizeof(float));
    if (given < all) std::memset(in_ + given, 0, (all - given) * sizeof(float));
    if (!program_.run()) std::fill(output.begin(), output.end(), std::nanf(""));
    const auto results = static_cast<std::size_t>(count_of(output_shape_));
    std::memcpy(output.data(), out_, std::min(results, output.size()) * sizeof(float));
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
    build.convolution = dnn::ConvChoice::kWinograd;
    dnn::Builder builder(graph_, program, parameters_, build);
    builder.parameter_memory = weights_.get();
    const dnn::Ref in = program.arena_ref(dnn::plain_desc(input_shape_));
    program.keep_from_start(in.buffer);
    TENBIN_CHECK(builder.forward(in));
    output_shape_ = builder.output().shape;
    TENBIN_TRY(const dnn::Ref out, builder.plain(builder.output()));
    program.keep_to_end(out.buffer);
    program.finish();
    in_ = program.data(in.buffer);
    out_ = program.data(out.buffer);
    return {};
  }

  Graph graph_;
  std::int64_t batch_;
  dnnl::engine engine_;
  dnn::Parameters parameters_;
  dnn::Program program_;
  dnn::AlignedFloats weights_;
  Shape input_shape_, output_shape_;
  float *in_ = nullptr, *out_ = nullptr;
};

}  // namespace

bool InferencePlan::supports(const OpCall& call) {
  return dnn::find_lowering(call.domain, call.op) != nullptr;
}

Result<std::unique_ptr<InferencePlan>> dnn::compile_single(const Graph& graph, std::int64_t batch) {
  try {
    auto plan = std::make_unique<OneDnnInferencePlan>(graph, batch);
    TENBIN_CHECK(plan->build());
    return std::unique_ptr<InferencePlan>(std::move(plan));
  } catch (const dnnl::error& failure) {
    return Error(ErrorCode::kUnsupportedOp,
                 std::string("kernel library refuses this network: ") + failure.what());
  }
}

Result<std::unique_ptr<InferencePlan>> InferencePlan::compile(const Graph& graph,
                                                              std::int64_t batch, int threads,
                                                              Team* team) {
  if (dnn::takes_tiles(batch, threads)) return dnn::compile_tiles(graph, batch, threads, team);
  return dnn::compile_single(graph, batch);
}

}  // namespace tenbin

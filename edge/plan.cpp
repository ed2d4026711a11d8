// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>

#include "engine/convolve.h"
#include "engine/inference_plan.h"
#include "engine/kernels/plain_gemm.h"
#include "graph/inference.h"
#include "graph/rewrites/rewrites.h"

namespace tenbin {
namespace {

using Floats = std::vector<float>;

// The plan of a build without oneDNN: the common layers of convolutional and dense networks as
// products of matrices on our own kernels, each value in a buffer of its own. One thread.
class EdgePlan final : public InferencePlan {
 public:
  EdgePlan(const Graph& graph, std::int64_t batch) : graph_(graph), batch_(batch) {}

  Status build() {
    TENBIN_CHECK(fold_batch_norm(graph_));
    for (ValueInfo& input : graph_.inputs) {
      if (input.shape.empty()) return refused("an input without a batch");
      input.shape[0] = batch_;
    }
    graph_.values.clear();
    TENBIN_CHECK(infer_shapes(graph_));
    for (const ValueInfo& input : graph_.inputs) {
      input_shapes_.push_back(input.shape);
      TENBIN_TRY(in_.emplace_back(), buffer(input.name));
    }
    for (const OpCall& node : graph_.nodes) TENBIN_CHECK(add(node));
    for (const ValueInfo& output : graph_.outputs) {
      TENBIN_TRY(out_.emplace_back(), buffer(output.name));
      output_shapes_.push_back(shapes_[output.name]);
      if (output_shapes_.back()[0] != batch_) return refused("an output without a batch");
    }
    graph_.initializers.clear();
    return {};
  }

  std::int64_t batch() const override { return batch_; }
  const std::vector<Shape>& input_shapes() const override { return input_shapes_; }
  const std::vector<Shape>& output_shapes() const override { return output_shapes_; }
  const std::vector<std::string>& kernels() const override { return kernels_; }
  Bytes planned_bytes() const override { return {bytes_}; }

  void run(std::span<const std::span<const float>> inputs,
           std::span<const std::span<float>> outputs, StepWatch* /*watch*/) override {
    for (std::size_t i = 0; i < in_.size(); ++i) {
      const std::size_t given = std::min(in_[i]->size(), inputs[i].size());
      std::copy_n(inputs[i].begin(), given, in_[i]->begin());
      std::fill(in_[i]->begin() + static_cast<std::ptrdiff_t>(given), in_[i]->end(), 0.0F);
    }
    for (const auto& step : steps_) step();
    for (std::size_t i = 0; i < out_.size(); ++i) {
      std::copy_n(out_[i]->begin(), std::min(out_[i]->size(), outputs[i].size()),
                  outputs[i].begin());
    }
  }

 private:
  static Error refused(const std::string& what) {
    return Error(ErrorCode::kUnsupportedOp, "no plan for " + what);
  }

  // The buffer of a value, of the size that was inferred for it.
  Result<Floats*> buffer(const std::string& name) {
    const auto found = buffers_.find(name);
    if (found != buffers_.end()) return found->second.get();
    const auto info = graph_.info(name);
    if (!info || !info->has_shape || info->shape.empty()) return refused("value '" + name + "'");
    std::int64_t count = 1;
    for (const std::int64_t size : info->shape) {
      if (size < 0) return refused("value '" + name + "' of a free size");
      count *= size;
    }
    shapes_[name] = info->shape;
    bytes_ += count * 4;
    auto& made = buffers_[name] = std::make_unique<Floats>(static_cast<std::size_t>(count));
    if (const auto constant = graph_.initializers.find(name);
        constant != graph_.initializers.end()) {
      if (constant->second.type() != ElementType::kFloat32) return refused("'" + name + "'");
      const auto values = constant->second.data<float>();
      std::copy(values.begin(), values.end(), made->begin());
    }
    return made.get();
  }

  Result<const Tensor*> constant(const OpCall& node, std::size_t input) const {
    const auto found = graph_.initializers.find(node.inputs[input]);
    if (found == graph_.initializers.end() || found->second.type() != ElementType::kFloat32) {
      return refused(node.op + " of weights that are computed");
    }
    return &found->second;
  }

  Status add(const OpCall& node) {
    if (node.op == "Conv") return add_conv(node);
    if (node.op == "Gemm" || node.op == "MatMul") return add_dense(node);
    TENBIN_TRY(Floats * in, buffer(node.inputs[0]));
    TENBIN_TRY(Floats * out, buffer(node.outputs[0]));
    if (node.op == "Relu") {
      steps_.emplace_back([in, out] {
        for (std::size_t i = 0; i < out->size(); ++i) (*out)[i] = std::max(0.0F, (*in)[i]);
      });
    } else if (node.op == "Flatten" || node.op == "Identity") {
      if (in->size() != out->size()) return refused(node.op);
      steps_.emplace_back([in, out] { std::copy(in->begin(), in->end(), out->begin()); });
    } else if (node.op == "Add") {
      return add_sum(node, out);
    } else if (node.op == "MaxPool") {
      return add_max_pool(node, in, out);
    } else if (node.op == "GlobalAveragePool") {
      const auto plane = static_cast<std::size_t>(
          count_of(Shape(shapes_[node.inputs[0]].begin() + 2, shapes_[node.inputs[0]].end())));
      steps_.emplace_back([in, out, plane] {
        for (std::size_t c = 0; c < out->size(); ++c) {
          double sum = 0;
          for (std::size_t i = 0; i < plane; ++i) sum += static_cast<double>((*in)[c * plane + i]);
          (*out)[c] = static_cast<float>(sum / static_cast<double>(plane));
        }
      });
    } else {
      return refused(node.op);
    }
    kernels_.push_back("plain:" + node.op);
    return {};
  }

  Status add_sum(const OpCall& node, Floats* out) {
    TENBIN_TRY(Floats * a, buffer(node.inputs[0]));
    TENBIN_TRY(Floats * b, buffer(node.inputs[1]));
    if (a->size() != out->size() || b->size() != out->size()) return refused("a stretched sum");
    steps_.emplace_back([a, b, out] {
      for (std::size_t i = 0; i < out->size(); ++i) (*out)[i] = (*a)[i] + (*b)[i];
    });
    return {};
  }

  Status add_dense(const OpCall& node) {
    TENBIN_TRY(const Tensor* weights, constant(node, 1));
    TENBIN_TRY(Floats * in, buffer(node.inputs[0]));
    TENBIN_TRY(Floats * out, buffer(node.outputs[0]));
    const bool turned = node.integer("transB", 0) != 0;
    const Shape& w = weights->shape();
    const Shape& src = shapes_[node.inputs[0]];
    if (w.size() != 2 || src.size() != 2 || node.integer("transA", 0) != 0 ||
        node.number("alpha", 1) != 1 || node.number("beta", 1) != 1) {
      return refused(node.op + " of this form");
    }
    const std::int64_t k = w[turned ? 1 : 0], n = w[turned ? 0 : 1];
    auto packed = std::make_shared<Floats>(static_cast<std::size_t>(k * n));
    const auto from = weights->data<float>();
    for (std::int64_t p = 0; p < k; ++p) {
      for (std::int64_t j = 0; j < n; ++j) {
        (*packed)[static_cast<std::size_t>(p * n + j)] =
            from[static_cast<std::size_t>(turned ? j * k + p : p * n + j)];
      }
    }
    TENBIN_TRY(const auto bias, bias_of(node, n));
    bytes_ += k * n * 4;
    steps_.emplace_back([=, rows = src[0]] {
      for (std::int64_t r = 0; r < rows; ++r) {
        std::copy(bias->begin(), bias->end(), out->begin() + r * n);
      }
      kernels::plain_gemm({rows, n, k, k, 1}, in->data(), packed->data(), out->data());
    });
    kernels_.push_back("plain:" + node.op);
    return {};
  }

  // Zeros where a layer has none.
  Result<std::shared_ptr<Floats>> bias_of(const OpCall& node, std::int64_t count) const {
    auto out = std::make_shared<Floats>(static_cast<std::size_t>(count));
    if (node.inputs.size() < 3 || node.inputs[2].empty()) return out;
    TENBIN_TRY(const Tensor* bias, constant(node, 2));
    if (bias->count() != count) return refused("a stretched bias");
    const auto from = bias->data<float>();
    std::copy(from.begin(), from.end(), out->begin());
    return out;
  }

  // Where each tap of the window finds its pixel for each element of the result's plane; -1: beside
  // the image. [taps, plane of the result].
  static std::vector<std::int32_t> places_of(const Window& window) {
    const std::int64_t plane = count_of(window.out), taps = window.taps();
    std::vector<std::int32_t> places(static_cast<std::size_t>(plane * taps), -1);
    WindowWalk walk(window);
    for (std::int64_t at = 0; walk.next(); ++at) {
      for (const Tap& tap : walk.taps()) {
        places[static_cast<std::size_t>(tap.tap * plane + at)] =
            static_cast<std::int32_t>(tap.pixel);
      }
    }
    return places;
  }

  struct ConvStep {
    Convolution c;
    std::vector<std::int32_t> places;
    Floats weights;                // [out, in / groups, taps]
    std::shared_ptr<Floats> bias;  // [out]
    Floats columns;                // [in / groups, taps, plane of the result]
    bool plain = false;            // one tap at each pixel: the image is the matrix
  };

  Status add_conv(const OpCall& node) {
    TENBIN_TRY(const Tensor* weights, constant(node, 1));
    TENBIN_TRY(Floats * in, buffer(node.inputs[0]));
    TENBIN_TRY(Floats * out, buffer(node.outputs[0]));
    auto step = std::make_shared<ConvStep>();
    TENBIN_TRY(step->c, convolution_of(node, shapes_[node.inputs[0]], weights->shape()));
    const Convolution& c = step->c;
    TENBIN_TRY(step->bias, bias_of(node, c.out_channels));
    const auto from = weights->data<float>();
    step->weights.assign(from.begin(), from.end());
    step->places = places_of(c.window);
    const std::int64_t plane = count_of(c.window.out);
    step->plain = c.window.taps() == 1 && plane == count_of(c.window.in) && step->places[0] == 0 &&
                  step->places.back() == plane - 1;
    if (!step->plain) {
      step->columns.resize(
          static_cast<std::size_t>(c.in_channels / c.groups * c.window.taps() * plane));
    }
    bytes_ += static_cast<std::int64_t>(step->columns.size() + step->weights.size()) * 4;
    steps_.emplace_back([step, in, out] { run_conv(*step, in->data(), out->data()); });
    kernels_.push_back("gemm:Conv");
    return {};
  }

  static void run_conv(ConvStep& s, const float* in, float* out) {
    const Convolution& c = s.c;
    const std::int64_t in_plane = count_of(c.window.in), plane = count_of(c.window.out);
    const std::int64_t taps = c.window.taps(), each = c.in_channels / c.groups;
    const std::int64_t outs = c.out_channels / c.groups, steps = each * taps;
    for (std::int64_t i = 0; i < c.batch * c.groups; ++i) {
      const std::int64_t group = i % c.groups;
      const float* image = in + i * each * in_plane;
      float* to = out + i * outs * plane;
      if (!s.plain) {
        float* column = s.columns.data();
        for (std::int64_t p = 0; p < each; ++p) {
          const float* from = image + p * in_plane;
          for (const std::int32_t place : s.places) *column++ = place < 0 ? 0.0F : from[place];
        }
      }
      for (std::int64_t o = 0; o < outs; ++o) {
        const float bias = (*s.bias)[static_cast<std::size_t>(group * outs + o)];
        std::fill_n(to + o * plane, plane, bias);
      }
      kernels::plain_gemm({outs, plane, steps, steps, 1}, s.weights.data() + group * outs * steps,
                          s.plain ? image : s.columns.data(), to);
    }
  }

  Status add_max_pool(const OpCall& node, Floats* in, Floats* out) {
    const Shape& src = shapes_[node.inputs[0]];
    if (node.outputs.size() > 1 || src.size() < 3) return refused("a pool that tells places");
    TENBIN_TRY(const Window window, window_of(node, src, node.integers("kernel_shape")));
    const auto places = std::make_shared<std::vector<std::int32_t>>(places_of(window));
    const auto in_plane = static_cast<std::size_t>(count_of(window.in));
    const auto plane = static_cast<std::size_t>(count_of(window.out));
    const auto taps = static_cast<std::size_t>(window.taps());
    if (out->size() % plane != 0) return refused("this pool");
    steps_.emplace_back([=] {
      for (std::size_t image = 0; image < out->size() / plane; ++image) {
        const float* from = in->data() + image * in_plane;
        float* to = out->data() + image * plane;
        std::fill_n(to, plane, -INFINITY);
        for (std::size_t t = 0; t < taps; ++t) {
          const std::int32_t* at = places->data() + t * plane;
          for (std::size_t i = 0; i < plane; ++i) {
            if (at[i] >= 0) to[i] = std::max(to[i], from[at[i]]);
          }
        }
      }
    });
    return {};
  }

  Graph graph_;
  std::int64_t batch_, bytes_ = 0;
  std::vector<Shape> input_shapes_, output_shapes_;
  std::map<std::string, std::unique_ptr<Floats>> buffers_;
  std::map<std::string, Shape> shapes_;
  std::vector<Floats*> in_, out_;
  std::vector<std::function<void()>> steps_;
  std::vector<std::string> kernels_;
};

}  // namespace

bool InferencePlan::supports(const OpCall& call) {
  static constexpr const char* kOps[] = {"Conv",     "Gemm",
                                         "MatMul",   "Relu",
                                         "Add",      "MaxPool",
                                         "Identity", "GlobalAveragePool",
                                         "Flatten",  "BatchNormalization"};
  if (!call.domain.empty() || call.outputs.size() > 1) return false;
  if (call.op == "Add" && call.opset < 7) return false;
  return std::any_of(std::begin(kOps), std::end(kOps),
                     [&](const char* op) { return call.op == op; });
}

Result<std::unique_ptr<InferencePlan>> InferencePlan::compile(const Graph& graph,
                                                              std::int64_t batch,
                                                              const PlanOptions& options) {
  TENBIN_CHECK(check_precision(options.precision));
  auto plan = std::make_unique<EdgePlan>(graph, batch);
  TENBIN_CHECK(plan->build());
  return std::unique_ptr<InferencePlan>(std::move(plan));
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// Whether the statistics come from the batch. Operator set 14 says so by an attribute, before it
// results beside the first one said it, and before 7 is_test.
bool trains(const OpCall& call) {
  if (call.opset >= 14) return call.integer("training_mode", 0) != 0;
  if (call.opset < 7) return call.integer("is_test", 0) == 0 && call.outputs.size() > 1;
  return call.outputs.size() > 1;
}

struct Channel {
  double mean, variance;
};

// Elements [batch, channels, inner] of which one channel is looked at.
template <class T> Channel statistics(std::span<const T> x, const AxisView& view, std::int64_t c) {
  double sum = 0, squares = 0;
  const auto each = [&](auto&& f) {
    for (std::int64_t b = 0; b < view.outer; ++b) {
      const T* from = x.data() + (b * view.size + c) * view.inner;
      for (std::int64_t i = 0; i < view.inner; ++i) f(static_cast<double>(from[i]));
    }
  };
  const auto count = static_cast<double>(view.outer * view.inner);
  each([&](double v) { sum += v; });
  const double mean = sum / count;
  each([&](double v) { squares += (v - mean) * (v - mean); });
  return {mean, squares / count};
}

using Vectors = std::array<std::vector<double>, 5>;  // operands 1 to 4, as doubles

template <class T> std::vector<double> doubles_of(const Tensor& tensor) {
  const auto values = tensor.data<T>();
  return std::vector<double>(values.begin(), values.end());
}

Tensor vector_like(const Tensor& like, const std::vector<double>& values) {
  Tensor out(like.type(), like.shape());
  const auto fill = [&](auto to) {
    using T = typename decltype(to)::value_type;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<T>(values[i]);
  };
  switch (like.type()) {
    case ElementType::kFloat64: fill(out.data<double>()); break;
    case ElementType::kFloat16: fill(out.data<Float16>()); break;
    case ElementType::kBfloat16: fill(out.data<Bfloat16>()); break;
    default: fill(out.data<float>()); break;
  }
  return out;
}

template <class T>
std::vector<Tensor> normalise(const OpCall& call, OpInputs inputs, const AxisView& view,
                              Vectors& vectors) {
  const Tensor& src = *inputs[0];
  const auto epsilon = static_cast<double>(call.number("epsilon", 1e-5F));
  const auto momentum = static_cast<double>(call.number("momentum", 0.9F));
  const bool training = trains(call);
  std::vector<Tensor> out;
  out.emplace_back(src.type(), src.shape());
  const auto x = src.data<T>();
  const auto y = out[0].template data<T>();
  for (std::int64_t c = 0; c < view.size; ++c) {
    const auto at_c = static_cast<std::size_t>(c);
    Channel now{vectors[3][at_c], vectors[4][at_c]};
    if (training) {
      now = statistics<T>(x, view, c);
      const auto mix = [&](double& kept, double seen) {
        kept = kept * momentum + seen * (1 - momentum);
      };
      mix(vectors[3][at_c], now.mean);
      mix(vectors[4][at_c], now.variance);
    }
    const double scale = vectors[1][at_c] / std::sqrt(now.variance + epsilon);
    const double shift = vectors[2][at_c] - now.mean * scale;
    for (std::int64_t b = 0; b < view.outer; ++b) {
      const std::int64_t begin = (b * view.size + c) * view.inner;
      for (std::int64_t i = begin; i < begin + view.inner; ++i) {
        const auto at = static_cast<std::size_t>(i);
        y[at] = static_cast<T>(static_cast<double>(x[at]) * scale + shift);
      }
    }
  }
  if (training) {
    for (const std::size_t i : {std::size_t{3}, std::size_t{4}})
      out.push_back(vector_like(*inputs[i], vectors[i]));
  }
  return out;
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 5));
  const Tensor& src = *inputs[0];
  if (src.shape().size() < 2) return bad_operands(call, "shape " + to_text(src.shape()));
  const AxisView view = around_axis(src.shape(), 1);
  Vectors vectors;
  for (std::size_t i = 1; i < 5; ++i) {
    if (inputs[i]->count() != view.size) {
      return bad_operands(call, "a vector does not fit the channels");
    }
    TENBIN_CHECK(typed(call, inputs[i]->type(), kReals, [&]<class T>() {
      vectors[i] = doubles_of<T>(*inputs[i]);
      return std::vector<Tensor>();
    }));
  }
  return typed(call, src.type(), kReals,
               [&]<class T>() -> Outputs { return normalise<T>(call, inputs, view, vectors); });
}

std::vector<OpProbe> probes() {
  return {{"two channels",
           op_call("BatchNormalization", 5),
           {Tensor::of<float>({1, 2, 1, 2}, {1, 2, 3, 4}), Tensor::of<float>({2}, {1, 2}),
            Tensor::of<float>({2}, {0, 1}), Tensor::of<float>({2}, {1, 3}),
            Tensor::of<float>({2}, {4, 1})},
           {false, true, true, true, true},
           false}};
}

}  // namespace

const OpEntry& op_batch_norm() {
  static const OpEntry entry{"",
                             {"BatchNormalization"},
                             "Channels brought to a mean and variance, stored or of the batch.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin

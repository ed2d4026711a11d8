// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

struct Targets {
  std::vector<std::int64_t> classes;  // -1: left out
  AxisView view;                      // of the scores around the axis of classes
};

Result<Targets> targets_of(const OpCall& call, OpInputs inputs) {
  const Shape& scores = inputs[0]->shape();
  if (scores.size() < 2) return bad_operands(call, "scores " + to_text(scores));
  Targets t;
  t.view = around_axis(scores, 1);
  Shape wanted = scores;
  wanted.erase(wanted.begin() + 1);
  if (inputs[1]->shape() != wanted) {
    return bad_operands(call,
                        "targets " + to_text(inputs[1]->shape()) + ", expected " + to_text(wanted));
  }
  TENBIN_TRY(t.classes, integers_of(call, *inputs[1]));
  const bool ignores = call.find("ignore_index") != nullptr;
  const std::int64_t ignored = call.integer("ignore_index", -1);
  for (std::int64_t& target : t.classes) {
    if (ignores && target == ignored) {
      target = -1;
    } else if (target < 0 || target >= t.view.size) {
      return bad_operands(call,
                          "class " + std::to_string(target) + " of " + std::to_string(t.view.size));
    }
  }
  return t;
}

template <class T> Tensor log_shares(const Tensor& in, const AxisView& view) {
  Tensor out(in.type(), in.shape());
  const auto x = in.data<T>();
  const auto y = out.data<T>();
  for (std::int64_t lane = 0; view.size > 0 && lane < view.outer * view.inner; ++lane) {
    const std::int64_t base = lane / view.inner * view.size * view.inner + lane % view.inner;
    const auto at = [&](std::int64_t k) { return static_cast<std::size_t>(base + k * view.inner); };
    auto top = static_cast<double>(x[at(0)]);
    for (std::int64_t k = 1; k < view.size; ++k) {
      top = std::fmax(top, static_cast<double>(x[at(k)]));
    }
    double sum = 0;
    for (std::int64_t k = 0; k < view.size; ++k) {
      sum += std::exp(static_cast<double>(x[at(k)]) - top);
    }
    const double shift = top + std::log(sum);
    for (std::int64_t k = 0; k < view.size; ++k) {
      y[at(k)] = static_cast<T>(static_cast<double>(x[at(k)]) - shift);
    }
  }
  return out;
}

// What each target costs, by the weight of its class, and their sum or mean if asked for.
template <class T>
Outputs losses(const OpCall& call, const Tensor& logs, const Targets& t, const Tensor* weights) {
  Shape shape = logs.shape();
  shape.erase(shape.begin() + 1);
  Tensor each(logs.type(), shape);
  const auto x = logs.data<T>();
  const auto y = each.data<T>();
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::int64_t target = t.classes[i], lane = static_cast<std::int64_t>(i);
    if (target < 0) continue;
    const std::int64_t base =
        lane / t.view.inner * t.view.size * t.view.inner + lane % t.view.inner;
    const double weight =
        weights == nullptr
            ? 1
            : static_cast<double>(weights->data<T>()[static_cast<std::size_t>(target)]);
    const double loss =
        -weight * static_cast<double>(x[static_cast<std::size_t>(base + target * t.view.inner)]);
    y[i] = static_cast<T>(loss);
    sum += loss;
    total += weight;
  }
  const std::string reduction = call.text("reduction", "mean");
  if (reduction == "none") return one(std::move(each));
  if (reduction == "sum") return one(Tensor::scalar(static_cast<T>(sum)));
  if (reduction == "mean") return one(Tensor::scalar(static_cast<T>(sum / total)));
  return bad_operands(call, "reduction '" + reduction + "', expected none, sum or mean");
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  TENBIN_TRY(const Targets t, targets_of(call, inputs));
  const Tensor& scores = *inputs[0];
  const Tensor* weights = input_of(inputs, 2);
  if (weights != nullptr) {
    TENBIN_CHECK(need_type(call, *weights, scores.type()));
    if (weights->count() != t.view.size) {
      return bad_operands(call, "weights " + to_text(weights->shape()));
    }
  }
  return typed(call, scores.type(), kReals, [&]<class T>() -> Outputs {
    if (call.op == "NegativeLogLikelihoodLoss") return losses<T>(call, scores, t, weights);
    Tensor logs = log_shares<T>(scores, t.view);
    TENBIN_TRY(auto out, losses<T>(call, logs, t, weights));
    out.push_back(std::move(logs));
    return out;
  });
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({2, 3}, {0.1F, 0.7F, 0.2F, 1, 0, 2});
  const Tensor targets = Tensor::of<std::int64_t>({2}, {1, 2});
  const Tensor weights = Tensor::of<float>({3}, {1, 2, 0.5F});
  return {
      {"weighted mean", op_call("NegativeLogLikelihoodLoss", 3), {x, targets, weights}, {}, false},
      {"mean, with logarithms",
       op_call("SoftmaxCrossEntropyLoss", 2, {}, "", 2),
       {x, targets},
       {},
       false}};
}

}  // namespace

const OpEntry& op_class_loss() {
  static const OpEntry entry{"",
                             {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"},
                             "What wrong classes cost.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin

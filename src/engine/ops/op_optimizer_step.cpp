// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

constexpr const char* kTraining = "ai.onnx.preview.training";

// What one update reads and writes: parameter, gradient and the states the optimiser keeps.
template <class T> struct Update {
  T rate = 0;
  std::int64_t step = 0;
  T x = 0, gradient = 0, first = 0, second = 0;  // `second`: Adam's alone
};

template <class T> T number(const OpCall& call, const char* key, float fallback) {
  return static_cast<T>(call.number(key, fallback));
}

// first: the sum of squared gradients.
template <class T> struct Adagrad {
  T decay, norm, epsilon;
  explicit Adagrad(const OpCall& c)
      : decay(number<T>(c, "decay_factor", 0)),
        norm(number<T>(c, "norm_coefficient", 0)),
        epsilon(number<T>(c, "epsilon", 1e-6F)) {}
  void operator()(Update<T>& u) const {
    const T rate = u.rate / (T{1} + static_cast<T>(u.step) * decay);
    const T g = norm * u.x + u.gradient;
    u.first += g * g;
    u.x -= rate * g / (std::sqrt(u.first) + epsilon);
  }
};

// first: mean of gradients, second: of their squares.
template <class T> struct Adam {
  T alpha, beta, norm, norm_post, epsilon;
  explicit Adam(const OpCall& c)
      : alpha(number<T>(c, "alpha", 0.9F)),
        beta(number<T>(c, "beta", 0.999F)),
        norm(number<T>(c, "norm_coefficient", 0)),
        norm_post(number<T>(c, "norm_coefficient_post", 0)),
        epsilon(number<T>(c, "epsilon", 1e-6F)) {}
  void operator()(Update<T>& u) const {
    const T g = norm * u.x + u.gradient;
    u.first = alpha * u.first + (T{1} - alpha) * g;
    u.second = beta * u.second + (T{1} - beta) * g * g;
    T rate = u.rate;
    if (u.step > 0) {
      const T t = static_cast<T>(u.step);
      rate *= std::sqrt(T{1} - std::pow(beta, t)) / (T{1} - std::pow(alpha, t));
    }
    u.x = (T{1} - norm_post) * (u.x - rate * u.first / (std::sqrt(u.second) + epsilon));
  }
};

// first: the velocity.
template <class T> struct Momentum {
  T alpha, beta, norm;
  bool nesterov;
  explicit Momentum(const OpCall& c)
      : alpha(number<T>(c, "alpha", 0)),
        beta(number<T>(c, "beta", 1)),
        norm(number<T>(c, "norm_coefficient", 0)),
        nesterov(c.text("mode", "standard") == "nesterov") {}
  void operator()(Update<T>& u) const {
    const T g = norm * u.x + u.gradient;
    u.first = alpha * u.first + (u.step > 0 ? beta : T{1}) * g;
    u.x -= u.rate * (nesterov ? g + alpha * u.first : u.first);
  }
};

// One tensor of each kind; `second` is null where the optimiser keeps one state.
struct Operands {
  const Tensor *x = nullptr, *gradient = nullptr, *first = nullptr, *second = nullptr;
};

template <class T, class Rule>
void update(const Rule& rule, Update<T> start, const Operands& from, Tensor& x, Tensor& first,
            Tensor& second) {
  const auto at = [](const Tensor* tensor, std::size_t i) {
    return tensor == nullptr ? T{0} : tensor->data<T>()[i];
  };
  for (std::size_t i = 0; i < x.data<T>().size(); ++i) {
    Update<T> u = start;
    u.x = at(from.x, i);
    u.gradient = at(from.gradient, i);
    u.first = at(from.first, i);
    u.second = at(from.second, i);
    rule(u);
    x.data<T>()[i] = u.x;
    first.data<T>()[i] = u.first;
    if (from.second != nullptr) second.data<T>()[i] = u.second;
  }
}

template <class T>
void apply(const OpCall& call, const Update<T>& start, const Operands& from, Tensor& x,
           Tensor& first, Tensor& second) {
  if (call.op == "Adagrad") update<T>(Adagrad<T>(call), start, from, x, first, second);
  if (call.op == "Adam") update<T>(Adam<T>(call), start, from, x, first, second);
  if (call.op == "Momentum") update<T>(Momentum<T>(call), start, from, x, first, second);
}

// Inputs: rate, step, then all parameters, all gradients, all first states, all second states.
Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  const std::size_t kinds = call.op == "Adam" ? 4 : 3;
  if (inputs.size() < 2 + kinds || (inputs.size() - 2) % kinds != 0) {
    return bad_operands(call, std::to_string(inputs.size()) + " inputs, expected 2 and " +
                                  std::to_string(kinds) + " for each parameter");
  }
  TENBIN_CHECK(need_inputs(call, inputs, inputs.size()));
  const std::size_t count = (inputs.size() - 2) / kinds;
  const ElementType type = inputs[2]->type();
  if (type != ElementType::kFloat32 && type != ElementType::kFloat64) {
    return bad_element_type(call, type, "float32 or float64");
  }
  const bool single_rate = inputs[0]->type() == ElementType::kFloat32;
  if ((!single_rate && inputs[0]->type() != ElementType::kFloat64) || inputs[0]->count() != 1 ||
      inputs[1]->type() != ElementType::kInt64 || inputs[1]->count() != 1) {
    return bad_operands(call, "rate and step must be one float and one int64");
  }
  const double rate =
      single_rate ? static_cast<double>(inputs[0]->data<float>()[0]) : inputs[0]->data<double>()[0];
  const std::int64_t step = inputs[1]->data<std::int64_t>()[0];
  std::vector<Tensor> out((kinds - 1) * count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto operand = [&](std::size_t kind) { return inputs[2 + kind * count + i]; };
    const Operands from{operand(0), operand(1), operand(2), kinds == 4 ? operand(3) : nullptr};
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      if (operand(kind)->type() != type || operand(kind)->shape() != from.x->shape()) {
        return bad_operands(call, std::string(element_name(operand(kind)->type())) + " " +
                                      to_text(operand(kind)->shape()) + " beside parameter " +
                                      to_text(from.x->shape()));
      }
    }
    Tensor x(type, from.x->shape()), first(type, from.x->shape()), second;
    if (kinds == 4) second = Tensor(type, from.x->shape());
    if (type == ElementType::kFloat32) {
      apply<float>(call, {static_cast<float>(rate), step}, from, x, first, second);
    } else {
      apply<double>(call, {rate, step}, from, x, first, second);
    }
    out[i] = std::move(x);
    out[count + i] = std::move(first);
    if (kinds == 4) out[2 * count + i] = std::move(second);
  }
  return out;
}

}  // namespace

const OpEntry& op_optimizer_step() {
  static const OpEntry entry{.domain = kTraining,
                             .ops = {"Adagrad", "Adam", "Momentum"},
                             .doc = "One step of an optimiser on its parameters.",
                             .compute = compute};
  return entry;
}

}  // namespace tenbin

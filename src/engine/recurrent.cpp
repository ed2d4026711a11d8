// SPDX-License-Identifier: Apache-2.0
#include "engine/recurrent.h"

#include <array>
#include <cctype>

#include "engine/kernels/plain_gemm.h"
#include "engine/kernels/simd.h"
#include "engine/kernels/small_gemm.h"

namespace tenbin {
namespace {

using Kind = GateActivation::Kind;
struct Named {
  std::string_view name;  // in lower case: writers differ
  Kind kind;
  bool has_alpha = false, has_beta = false;
  float alpha = 0, beta = 0;
};
constexpr auto kNamed = std::to_array<Named>({
    {"relu", Kind::kRelu},
    {"tanh", Kind::kTanh},
    {"sigmoid", Kind::kSigmoid},
    {"affine", Kind::kAffine, true, true, 1, 0},
    {"leakyrelu", Kind::kLeakyRelu, true, false, 0.01F},
    {"thresholdedrelu", Kind::kThresholdedRelu, true, false, 1},
    {"scaledtanh", Kind::kScaledTanh, true, true, 1, 1},
    {"hardsigmoid", Kind::kHardSigmoid, true, true, 0.2F, 0.5F},
    {"elu", Kind::kElu, true, false, 1},
    {"softsign", Kind::kSoftsign},
    {"softplus", Kind::kSoftplus},
});

// Values of alpha and beta go to the activations that have one, in their order.
Result<std::vector<GateActivation>> activations_of(const OpCall& call, std::size_t directions,
                                                   const std::vector<std::string>& defaults) {
  std::vector<std::string> names = call.texts("activations");
  if (names.empty()) {
    for (std::size_t d = 0; d < directions; ++d) {
      names.insert(names.end(), defaults.begin(), defaults.end());
    }
  }
  if (names.size() != directions * defaults.size()) {
    return bad_operands(call, std::to_string(names.size()) + " activations, expected " +
                                  std::to_string(directions * defaults.size()));
  }
  const std::vector<float> alphas = call.numbers("activation_alpha");
  const std::vector<float> betas = call.numbers("activation_beta");
  std::size_t alpha = 0, beta = 0;
  std::vector<GateActivation> out;
  for (const std::string& name : names) {
    std::string lower = name;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto* found =
        std::find_if(kNamed.begin(), kNamed.end(), [&](const Named& n) { return n.name == lower; });
    if (found == kNamed.end()) {
      return Error(ErrorCode::kUnsupportedOp, call.op + " with activation '" + name +
                                                  "', expected Relu, Tanh, Sigmoid, Affine, "
                                                  "LeakyRelu, ThresholdedRelu, ScaledTanh, "
                                                  "HardSigmoid, Elu, Softsign or Softplus");
    }
    GateActivation activation{found->kind, found->alpha, found->beta};
    if (found->has_alpha && alpha < alphas.size()) activation.alpha = alphas[alpha++];
    if (found->has_beta && beta < betas.size()) activation.beta = betas[beta++];
    out.push_back(activation);
  }
  return out;
}

Status need_shape(const OpCall& call, const Tensor& operand, const Shape& wanted,
                  const char* what) {
  if (operand.shape() == wanted) return {};
  return bad_operands(call, std::string(what) + " is " + to_text(operand.shape()) + ", expected " +
                                to_text(wanted));
}

const Tensor* input_at(OpInputs inputs, std::size_t i) {
  return i < inputs.size() ? inputs[i] : nullptr;
}

Status set_lengths(const OpCall& call, const Tensor* given, Recurrent& r) {
  r.lengths.assign(static_cast<std::size_t>(r.batch), r.steps);
  if (given == nullptr) return {};
  if (given->type() != ElementType::kInt32) {
    return bad_element_type(call, given->type(), "int32 sequence_lens");
  }
  TENBIN_CHECK(need_shape(call, *given, {r.batch}, "sequence_lens"));
  for (std::size_t b = 0; b < r.lengths.size(); ++b) {
    r.lengths[b] = given->data<std::int32_t>()[b];
    if (r.lengths[b] < 0 || r.lengths[b] > r.steps) {
      return bad_operands(call, "sequence of length " + std::to_string(r.lengths[b]) + " in " +
                                    std::to_string(r.steps) + " steps");
    }
  }
  return {};
}

}  // namespace

Shape Recurrent::state_shape() const {
  return batch_first ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden};
}
Shape Recurrent::y_shape() const {
  return batch_first ? Shape{batch, steps, directions, hidden}
                     : Shape{steps, directions, batch, hidden};
}

Result<Recurrent> check_recurrent(const OpCall& call, OpInputs inputs, std::int64_t gates,
                                  const std::vector<std::string>& defaults) {
  TENBIN_CHECK(need_inputs(call, inputs, 3));
  Recurrent r;
  r.x = inputs[0];
  r.w = inputs[1];
  r.r = inputs[2];
  r.bias = input_at(inputs, 3);
  r.gates = gates;
  const ElementType type = r.x->type();
  if (type != ElementType::kFloat32 && type != ElementType::kFloat64) {
    return bad_element_type(call, type, "float32 or float64");
  }
  for (const Tensor* operand : {r.w, r.r, r.bias}) {
    if (operand != nullptr && operand->type() != type) {
      return bad_element_type(call, operand->type(), std::string(element_name(type)));
    }
  }
  const std::string direction = call.text("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional") {
    return bad_operands(
        call, "direction '" + direction + "', expected forward, reverse or bidirectional");
  }
  r.reverse = direction == "reverse";
  r.directions = direction == "bidirectional" ? 2 : 1;
  r.batch_first = call.integer("layout", 0) == 1;
  r.clip = call.number("clip", 0);
  if (r.x->shape().size() != 3 || r.r->shape().size() != 3) {
    return bad_operands(call, "X " + to_text(r.x->shape()) + " and R " + to_text(r.r->shape()) +
                                  ", expected three dimensions each");
  }
  r.steps = r.x->shape()[r.batch_first ? 1 : 0];
  r.batch = r.x->shape()[r.batch_first ? 0 : 1];
  r.in = r.x->shape()[2];
  r.hidden = r.r->shape()[2];
  if (call.integer("hidden_size", r.hidden) != r.hidden) {
    return bad_operands(call, "hidden_size " + std::to_string(call.integer("hidden_size", 0)) +
                                  ", but R is " + to_text(r.r->shape()));
  }
  const std::int64_t width = gates * r.hidden;
  TENBIN_CHECK(need_shape(call, *r.w, {r.directions, width, r.in}, "W"));
  TENBIN_CHECK(need_shape(call, *r.r, {r.directions, width, r.hidden}, "R"));
  if (r.bias != nullptr) TENBIN_CHECK(need_shape(call, *r.bias, {r.directions, 2 * width}, "B"));
  TENBIN_CHECK(set_lengths(call, input_at(inputs, 4), r));
  TENBIN_CHECK(element_count(r.y_shape()));
  TENBIN_CHECK(element_count({r.steps, r.batch, width}));
  TENBIN_TRY(r.initial_h, check_state(call, r, inputs, 5));
  TENBIN_TRY(r.activations, activations_of(call, static_cast<std::size_t>(r.directions), defaults));
  return r;
}

Result<const Tensor*> check_state(const OpCall& call, const Recurrent& r, OpInputs inputs,
                                  std::size_t i) {
  const Tensor* state = input_at(inputs, i);
  if (state == nullptr) return state;
  if (state->type() != r.x->type()) {
    return bad_element_type(call, state->type(), std::string(element_name(r.x->type())));
  }
  TENBIN_CHECK(need_shape(call, *state, r.state_shape(), "initial state"));
  return state;
}

void row_product(std::int64_t rows, std::int64_t steps, std::int64_t columns, const float* a,
                 const float* b, float* out, bool adds) {
  if (!kernels::has_avx512() || rows == 0 || columns == 0 || steps == 0) {
    if (!adds) std::fill_n(out, rows * columns, 0.0F);
    kernels::plain_gemm({rows, columns, steps, steps, 1}, a, b, out);
    return;
  }
  kernels::SmallGemm product;
  product.rows = rows;
  product.columns = columns;
  product.steps = steps;
  product.a_row = steps;
  product.adds = adds;
  kernels::small_gemm(product, a, b, out);
}

void row_product(std::int64_t rows, std::int64_t steps, std::int64_t columns, const double* a,
                 const double* b, double* out, bool adds) {
  for (std::int64_t i = 0; i < rows; ++i) {
    double* to = out + i * columns;
    if (!adds) std::fill_n(to, columns, 0.0);
    for (std::int64_t k = 0; k < steps; ++k) {
      const double x = a[i * steps + k];
      for (std::int64_t j = 0; j < columns; ++j) to[j] += x * b[k * columns + j];
    }
  }
}

}  // namespace tenbin

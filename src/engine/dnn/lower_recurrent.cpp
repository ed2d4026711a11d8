// SPDX-License-Identifier: Apache-2.0
// LSTM and GRU over whole sequences, forwards and through time.
#include <algorithm>

#include "engine/dnn/builder.h"
#include "engine/dnn/recurrent.h"
#include "engine/kernels/simd.h"

namespace tenbin::dnn {
namespace {

const Recurrent& layer_of(const KernelArgs& a) { return *static_cast<const Recurrent*>(a.state); }

// The same layer with weights that never change.
struct ConstantLayer {
  Recurrent layer;
  PackedRecurrent packed;
};

// src, bias, gates, kept, states, last, last cell.
void packed_kernel(const KernelArgs& a) {
  const auto& constant = *static_cast<const ConstantLayer*>(a.state);
  recurrent_forward(constant.layer, {a.p[0], nullptr, nullptr, a.p[1], a.p[2], a.p[3], a.p[4],
                                     a.p[5], a.p[6], &constant.packed});
}
// src, weights, recurrent, bias, gates, kept, states, last, last cell.
void forward_kernel(const KernelArgs& a) {
  recurrent_forward(layer_of(a),
                    {a.p[0], a.p[1], a.p[2], a.p[3], a.p[4], a.p[5], a.p[6], a.p[7], a.p[8]});
}
// src, weights, recurrent, states, gates, kept, diff states, diff last, diff last cell, diff src,
// diff weights, diff recurrent, diff bias, scratch.
void backward_kernel(const KernelArgs& a) {
  recurrent_backward(layer_of(a), {a.p[0], a.p[1], a.p[2], a.p[3], a.p[4], a.p[5], a.p[6], a.p[7],
                                   a.p[8], a.p[9], a.p[10], a.p[11], a.p[12], a.p[13]});
}

bool is_given(const OpCall& node, std::size_t i) {
  return i < node.inputs.size() && !node.inputs[i].empty();
}

// Writers of models spell out the states that a layer begins with anyway.
bool is_zero(const Tensor* tensor) {
  if (tensor == nullptr || tensor->type() != ElementType::kFloat32) return false;
  const auto values = tensor->data<float>();
  return std::ranges::all_of(values, [](float x) { return x == 0; });
}

Result<Recurrent> read(Builder& b, const OpCall& node) {
  const bool lstm = node.op == "LSTM";
  for (const std::size_t i : {std::size_t{4}, std::size_t{5}, std::size_t{6}, std::size_t{7}}) {
    const bool state = i == 5 || i == 6;
    if (!is_given(node, i) || (state && is_zero(b.constant(node.inputs[i])))) continue;
    return no_kernel(node, "lengths, initial states that are not zero, or peepholes");
  }
  const bool usual = node.find("activations") == nullptr && node.find("clip") == nullptr &&
                     node.integer("layout", 0) == 0 && node.integer("input_forget", 0) == 0;
  if (!usual || (!lstm && node.integer("linear_before_reset", 0) == 0)) {
    return no_kernel(node, "activations, clip, layout or the reset before the product");
  }
  const Tensor *weights = b.constant(node.inputs[1]), *recurrent = b.constant(node.inputs[2]);
  const Shape& src = b.value(node.inputs[0]).shape;
  if (weights == nullptr || recurrent == nullptr || src.size() != 3 ||
      weights->shape().size() != 3 || recurrent->shape().size() != 3) {
    return no_kernel(node, "operands that are not [steps, batch, in] and constant weights");
  }
  const Tensor* const bias = is_given(node, 3) ? b.constant(node.inputs[3]) : nullptr;
  for (const Tensor* tensor : {weights, recurrent, bias}) {
    if (tensor != nullptr && tensor->type() != ElementType::kFloat32) {
      return no_kernel(node, "weights of another type than float32");
    }
  }
  Recurrent r;
  r.cell = lstm ? Recurrent::Cell::kLstm : Recurrent::Cell::kGru;
  r.steps = src[0];
  r.batch = src[1];
  r.in = src[2];
  r.units = recurrent->shape()[2];
  r.directions = weights->shape()[0];
  const std::string direction = node.text("direction", "forward");
  r.reversed = direction == "reverse";
  const Shape wanted = {direction == "bidirectional" ? 2 : 1, r.gates() * r.units, r.in};
  const Shape bias_shape = {wanted[0], 2 * wanted[1]};
  if (bias != nullptr && bias->shape() != bias_shape) {
    return Error(ErrorCode::kBadShape,
                 "bias " + to_text(bias->shape()) + ", expected " + to_text(bias_shape),
                 "node '" + node.name + "'");
  }
  if (weights->shape() != wanted || recurrent->shape() != Shape{wanted[0], wanted[1], r.units}) {
    return Error(ErrorCode::kBadShape,
                 "weights " + to_text(weights->shape()) + " and " + to_text(recurrent->shape()) +
                     ", expected " + to_text(wanted) + " and its units",
                 "node '" + node.name + "'");
  }
  return r;
}

// A library's product multiplies few rows at a fraction of what reading the weights takes.
bool takes_packed(const Builder& b, const Recurrent& r) {
  constexpr std::int64_t kFewRows = 4;
  return b.options().mode == Mode::kInfer &&
         (b.has_avx2_kernels() || (kernels::has_avx2() && r.batch <= kFewRows));
}

std::pair<std::shared_ptr<ConstantLayer>, Ref> pack(Builder& b, const OpCall& node,
                                                    const Recurrent& r) {
  const Tensor* const bias = is_given(node, 3) ? b.constant(node.inputs[3]) : nullptr;
  const auto floats = [](const Tensor* tensor) {
    return tensor == nullptr ? nullptr : tensor->data<float>().data();
  };
  ConstantLayer constant{r, PackedRecurrent(r, floats(b.constant(node.inputs[1])),
                                            floats(b.constant(node.inputs[2])), floats(bias))};
  return {std::make_shared<ConstantLayer>(std::move(constant)),
          bias == nullptr ? Ref{} : Ref{b.program().constant_buffer(bias->data<float>()), {}}};
}

// The results that are asked for, by position; empty names for the others.
std::string output_of(const OpCall& node, std::size_t i) {
  return i < node.outputs.size() ? node.outputs[i] : std::string();
}

}  // namespace

Status lower_recurrent(Builder& b, const OpCall& node) {
  TENBIN_TRY(const Recurrent r, read(b, node));
  const bool packs = takes_packed(b, r);
  int parameters[3] = {-1, -1, -1};
  for (std::size_t i = 0; i < 3; ++i) {
    if (!is_given(node, i + 1)) continue;
    const Tensor* tensor = b.constant(node.inputs[i + 1]);
    if (tensor == nullptr) return no_kernel(node, "a bias that is not constant");
    if (packs) continue;
    const Desc plain = plain_desc(tensor->shape());
    parameters[i] = b.parameters().declare(node.inputs[i + 1], plain, plain, i < 2);
  }
  const std::string src_name = node.inputs[0];
  TENBIN_TRY(const Ref src, b.as(b.value(src_name).data, plain_desc({r.steps, r.batch, r.in})));
  const auto scratch = [&b](std::int64_t floats) {
    return Ref{b.program().arena_buffer(static_cast<std::size_t>(floats) * sizeof(float)), {}};
  };
  const Shape last_shape = {r.directions, r.batch, r.units};
  const Shape shapes[3] = {{r.steps, r.directions, r.batch, r.units}, last_shape, last_shape};
  Ref results[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string name = output_of(node, i);
    if (name.empty() && i > 0) continue;
    results[i] = b.program().arena_ref(plain_desc(shapes[i]));
    if (!name.empty()) b.define(name, shapes[i], results[i]).kept = b.trains() && i == 0;
  }
  if (b.parameter_memory == nullptr) return {};  // the pass that only finds out layouts
  KernelArgs args;
  if (packs) {
    const Ref gates = scratch(r.gate_floats()), kept = scratch(r.kept_floats());
    const auto [constant, bias] = pack(b, node, r);
    args.state = b.program().keep(constant);
    b.program().add(packed_kernel, args,
                    {src, bias, gates, kept, results[0], results[1], results[2]},
                    r.cell == Recurrent::Cell::kLstm ? "lstm:own:avx2" : "gru:own:avx2");
    return {};
  }
  args.state = b.program().keep(std::make_shared<Recurrent>(r));
  const Ref weights = b.weights(parameters[0]), recurrent = b.weights(parameters[1]);
  const Ref gates = scratch(r.gate_floats()), kept = scratch(r.kept_floats());
  b.program().add(forward_kernel, args,
                  {src, weights, recurrent, parameters[2] >= 0 ? b.weights(parameters[2]) : Ref{},
                   gates, kept, results[0], results[1], results[2]},
                  node.op == "LSTM" ? "lstm:own" : "gru:own");
  if (!b.trains()) return {};
  const std::vector<int> learned(parameters, parameters + 3);
  b.on_backward([&b, &node, r, args, src_name, src, weights, recurrent, gates, kept, learned,
                 states = results[0], scratch]() -> Status {
    Ref incoming[3];
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string name = output_of(node, i);
      if (name.empty() || !b.value(name).gradient) continue;
      TENBIN_TRY(incoming[i], b.as(b.value(name).gradient, plain_desc(b.value(name).shape)));
    }
    Builder::Value& from = b.value(src_name);
    const Ref diff_src = from.wants_gradient ? b.program().arena_ref(src.desc) : Ref{};
    b.program().add(
        backward_kernel, args,
        {src, weights, recurrent, states, gates, kept, incoming[0], incoming[1], incoming[2],
         diff_src, b.gradient(learned[0]), b.gradient(learned[1]),
         learned[2] >= 0 ? b.gradient(learned[2]) : Ref{}, scratch(2 * r.batch * r.units)},
        node.op == "LSTM" ? "lstm_bwd:own" : "gru_bwd:own");
    return diff_src ? b.add_gradient(from, diff_src, false) : Status();
  });
  return {};
}

}  // namespace tenbin::dnn

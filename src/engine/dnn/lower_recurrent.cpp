// SPDX-License-Identifier: Apache-2.0
// LSTM and GRU over whole sequences, forwards and through time.
#include "engine/dnn/builder.h"
#include "engine/dnn/recurrent.h"

namespace tenbin::dnn {
namespace {

const Recurrent& layer_of(const KernelArgs& a) { return *static_cast<const Recurrent*>(a.state); }

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

Result<Recurrent> read(Builder& b, const OpCall& node) {
  const bool lstm = node.op == "LSTM";
  for (const std::size_t i : {std::size_t{4}, std::size_t{5}, std::size_t{6}, std::size_t{7}}) {
    if (is_given(node, i)) return no_kernel(node, "lengths, initial states or peepholes");
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
  if (weights->shape() != wanted || recurrent->shape() != Shape{wanted[0], wanted[1], r.units}) {
    return Error(ErrorCode::kBadShape,
                 "weights " + to_text(weights->shape()) + " and " + to_text(recurrent->shape()) +
                     ", expected " + to_text(wanted) + " and its units",
                 "node '" + node.name + "'");
  }
  return r;
}

// The results that are asked for, by position; empty names for the others.
std::string output_of(const OpCall& node, std::size_t i) {
  return i < node.outputs.size() ? node.outputs[i] : std::string();
}

}  // namespace

Status lower_recurrent(Builder& b, const OpCall& node) {
  TENBIN_TRY(const Recurrent r, read(b, node));
  int parameters[3] = {-1, -1, -1};
  for (std::size_t i = 0; i < 3; ++i) {
    if (!is_given(node, i + 1)) continue;
    const Tensor* tensor = b.constant(node.inputs[i + 1]);
    if (tensor == nullptr) return no_kernel(node, "a bias that is not constant");
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

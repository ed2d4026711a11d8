// SPDX-License-Identifier: Apache-2.0
// Functions of each element, and the compositions that write one of them.
#include <cmath>
#include <limits>

#include "engine/dnn/builder.h"
#include "engine/kernels/functions.h"

namespace tenbin::dnn {
namespace {

using dnnl::algorithm;
using Forward = dnnl::eltwise_forward;
using Backward = dnnl::eltwise_backward;

struct Function {
  algorithm forward;
  algorithm backward;  // of its own name if it needs the source, else from dst alone
  float alpha = 0, beta = 0;
  bool from_dst() const { return forward != backward; }
};

Function of_source(algorithm f, float alpha = 0, float beta = 0) { return {f, f, alpha, beta}; }

// A bound of Clip: attribute until opset 6, then input; open when left out.
Result<float> bound_of(const Builder& b, const OpCall& node, std::size_t i) {
  const float open = (i == 1 ? -1.0F : 1.0F) * std::numeric_limits<float>::max();
  if (i >= node.inputs.size() || node.inputs[i].empty()) {
    return node.number(i == 1 ? "min" : "max", open);
  }
  const Tensor* given = b.constant(node.inputs[i]);
  if (given == nullptr || given->type() != ElementType::kFloat32 || given->count() != 1) {
    return no_kernel(node, "a bound that is not constant");
  }
  return given->data<float>()[0];
}

Result<Function> function_of(const Builder& b, const OpCall& node) {
  using A = algorithm;
  const std::string& op = node.op;
  if (op == "Relu") return Function{A::eltwise_relu, A::eltwise_relu_use_dst_for_bwd};
  if (op == "Sigmoid") return Function{A::eltwise_logistic, A::eltwise_logistic_use_dst_for_bwd};
  if (op == "Tanh") return Function{A::eltwise_tanh, A::eltwise_tanh_use_dst_for_bwd};
  if (op == "Exp") return Function{A::eltwise_exp, A::eltwise_exp_use_dst_for_bwd};
  if (op == "Sqrt") return Function{A::eltwise_sqrt, A::eltwise_sqrt_use_dst_for_bwd};
  if (op == "Log") return of_source(A::eltwise_log);
  if (op == "Abs") return of_source(A::eltwise_abs);
  if (op == "Neg") return of_source(A::eltwise_linear, -1);
  if (op == "Reciprocal") return of_source(A::eltwise_pow, 1, -1);
  if (op == "Softplus") return of_source(A::eltwise_soft_relu);
  if (op == "HardSwish") return of_source(A::eltwise_hardswish);
  if (op == "Mish") return of_source(A::eltwise_mish);
  if (op == "Gelu") {
    const bool tanh = node.text("approximate", "none") == "tanh";
    return of_source(tanh ? A::eltwise_gelu_tanh : A::eltwise_gelu_erf);
  }
  if (op == "Clip") {
    TENBIN_TRY(const float least, bound_of(b, node, 1));
    TENBIN_TRY(const float most, bound_of(b, node, 2));
    return of_source(A::eltwise_clip_v2, least, most);
  }
  if (op == "LeakyRelu") {
    const float alpha = node.number("alpha", 0.01F);
    if (alpha < 0) return no_kernel(node, "a negative slope");
    return Function{A::eltwise_relu, A::eltwise_relu_use_dst_for_bwd, alpha};
  }
  const float alpha = node.number("alpha", 1.0F);
  if (alpha < 0) return of_source(A::eltwise_elu, alpha);
  return Function{A::eltwise_elu, A::eltwise_elu_use_dst_for_bwd, alpha};
}

// f(src) as `dst_name`; its source is node input `src_name`, in whatever layout that has.
Status emit(Builder& b, const Function& f, const std::string& src_name,
            const std::string& dst_name) {
  const Builder::Value source = b.value(src_name);
  const Ref src = source.data;
  const auto kind =
      b.trains() ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
  const Forward::primitive_desc pd(
      Forward::desc(kind, b.trains() ? f.backward : f.forward, src.desc, f.alpha, f.beta),
      user_scratch(), b.program().engine());
  // In place when nobody else reads the source, now or backwards, and it is not the input.
  const bool in_place = (f.from_dst() || !b.trains()) && source.uses == 1 && !source.view &&
                        !source.kept && b.graph().find_input(src_name) == nullptr;
  const Ref dst = in_place ? src : b.program().arena_ref(src.desc);
  b.program().add(Forward(pd), {{DNNL_ARG_SRC, src}, {DNNL_ARG_DST, dst}}, pd.scratchpad_desc(),
                  std::string("act:") + pd.impl_info_str());
  b.define(dst_name, source.shape, dst).kept = b.trains() && f.from_dst();
  if (!b.trains()) return {};
  b.on_backward([&b, f, src_name, dst_name, src, dst, hint = pd]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    const Builder::Value& to = b.value(dst_name);
    TENBIN_TRY(const Ref diff_dst, b.as(to.gradient, dst.desc));
    const Backward::primitive_desc back(
        Backward::desc(f.backward, dst.desc, dst.desc, f.alpha, f.beta), user_scratch(),
        b.program().engine(), hint);
    const bool own = !to.shared_gradient || diff_dst.buffer != to.gradient.buffer;
    const Ref diff_src = own ? diff_dst : b.program().arena_ref(dst.desc);
    const Program::Argument known =
        f.from_dst() ? Program::Argument{DNNL_ARG_DST, dst} : Program::Argument{DNNL_ARG_SRC, src};
    b.program().add(Backward(back),
                    {known, {DNNL_ARG_DIFF_DST, diff_dst}, {DNNL_ARG_DIFF_SRC, diff_src}},
                    back.scratchpad_desc(), std::string("act_bwd:") + back.impl_info_str());
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

// The Mul of x and Sigmoid(x) after that Sigmoid (SiLU), or null.
const OpCall* swish_after(Builder& b, const OpCall& sigmoid) {
  const OpCall* next = b.only_consumer(sigmoid.outputs[0]);
  if (next == nullptr || next->op != "Mul" || next->inputs.size() != 2) return nullptr;
  const std::string& other = next->inputs[next->inputs[0] == sigmoid.outputs[0] ? 1 : 0];
  return other == sigmoid.inputs[0] ? next : nullptr;
}

// Whether one operand of `node` is `value` and the other a constant near `number`.
bool joins(const Builder& b, const OpCall* node, const char* op, const std::string& value,
           double number) {
  if (node == nullptr || node->op != op || node->inputs.size() != 2) return false;
  const bool first = node->inputs[0] == value;
  if (!first && (node->inputs[1] != value || node->op == "Div")) return false;
  const Tensor* constant = b.constant(node->inputs[first ? 1 : 0]);
  return constant != nullptr && constant->type() == ElementType::kFloat32 &&
         constant->count() == 1 &&
         std::abs(static_cast<double>(constant->data<float>()[0]) - number) < 1e-5;
}

// src; dst. n: count.
void erf_kernel(const KernelArgs& a) { kernels::error_function(a.p[0], a.p[1], a.n[0]); }
// diff_src, diff_dst, src.
void erf_backward_kernel(const KernelArgs& a) {
  kernels::error_function_backward(a.p[0], a.p[1], a.p[2], a.n[0]);
}

}  // namespace

Result<bool> take_gelu(Builder& b, const OpCall& node) {
  const double root = std::sqrt(2.0);
  const std::string& x = node.inputs[0];
  if (!joins(b, &node, "Div", x, root) && !joins(b, &node, "Mul", x, 1 / root)) return false;
  const OpCall* erf = b.only_consumer(node.outputs[0]);
  if (erf == nullptr || erf->op != "Erf") return false;
  const OpCall* plus = b.only_consumer(erf->outputs[0]);
  if (!joins(b, plus, "Add", erf->outputs[0], 1)) return false;
  const OpCall* gate = b.only_consumer(plus->outputs[0]);
  if (gate == nullptr || gate->op != "Mul" || gate->inputs.size() != 2) return false;
  const bool by_x = gate->inputs[0] == x || gate->inputs[1] == x;
  const OpCall* half = by_x ? b.only_consumer(gate->outputs[0]) : nullptr;
  if (!joins(b, half, "Mul", gate->outputs[0], 0.5)) return false;
  for (const OpCall* taken : {erf, plus, gate, half}) b.absorb(taken);
  TENBIN_CHECK(emit(b, of_source(algorithm::eltwise_gelu_erf), x, half->outputs[0]));
  return true;
}

Status lower_activation(Builder& b, const OpCall& node) {
  const std::string& src_name = node.inputs[0];
  {
    const Builder::Value& source = b.value(src_name);
    const OpCall* pool = pool_after_relu(b, node, source.shape, source.data.desc);
    if (pool != nullptr) return lower_relu_pool(b, node, *pool);
  }
  if (node.op == "Sigmoid") {
    if (const OpCall* swish = swish_after(b, node); swish != nullptr) {
      b.absorb(swish);
      return emit(b, of_source(algorithm::eltwise_swish, 1), src_name, swish->outputs[0]);
    }
  }
  if (node.op == "HardSigmoid") {
    const std::string line = node.outputs[0] + "/line";
    const float alpha = node.number("alpha", 0.2F), beta = node.number("beta", 0.5F);
    b.add_inner(src_name, line);
    TENBIN_CHECK(emit(b, of_source(algorithm::eltwise_linear, alpha, beta), src_name, line));
    return emit(b, of_source(algorithm::eltwise_clip_v2, 0, 1), line, node.outputs[0]);
  }
  TENBIN_TRY(const Function f, function_of(b, node));
  return emit(b, f, src_name, node.outputs[0]);
}

Status lower_power(Builder& b, const OpCall& node) {
  const Tensor* exponent = b.constant(node.inputs[1]);
  if (exponent == nullptr || exponent->type() != ElementType::kFloat32 || exponent->count() != 1) {
    return no_kernel(node, "an exponent that is not one constant number");
  }
  const float power = exponent->data<float>()[0];
  const Function f = power == 2 ? of_source(algorithm::eltwise_square)
                                : of_source(algorithm::eltwise_pow, 1, power);
  return emit(b, f, node.inputs[0], node.outputs[0]);
}

Status lower_erf(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0], dst_name = node.outputs[0];
  TENBIN_TRY(const Ref src, b.floats(b.value(src_name).data));
  const Ref dst = b.program().arena_ref(src.desc);
  KernelArgs args;
  args.n[0] = static_cast<std::int64_t>(src.desc.get_size() / sizeof(float));
  b.program().add(erf_kernel, args, {dst, src});
  b.define(dst_name, b.value(src_name).shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, src_name, dst_name, src, args]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, src.desc));
    const Ref diff_src = b.program().arena_ref(src.desc);
    b.program().add(erf_backward_kernel, args, {diff_src, diff_dst, src});
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

}  // namespace tenbin::dnn

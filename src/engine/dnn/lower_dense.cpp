// SPDX-License-Identifier: Apache-2.0
// Gemm and MatMul with constant weights, as inner products.
#include "engine/dnn/lower_dense.h"
#include "engine/kernels/dense.h"
#include "engine/kernels/simd.h"

namespace tenbin::dnn {
namespace {

using dnnl::prop_kind;
using Forward = dnnl::inner_product_forward;
using BackData = dnnl::inner_product_backward_data;
using BackWeights = dnnl::inner_product_backward_weights;
using Tag = dnnl::memory::format_tag;
constexpr auto kF32 = dnnl::memory::data_type::f32;

Result<DenseShape> read(Builder& b, const OpCall& node) {
  DenseShape d;
  d.src = node.inputs[0];
  d.weights = node.inputs[1];
  d.dst = node.outputs[0];
  const Tensor* weights = b.constant(d.weights);
  const Shape& src = b.value(d.src).shape;
  if (weights == nullptr || weights->shape().size() != 2 || src.size() != 2) {
    return no_kernel(node, "operands that are not [rows, in] and constant weights");
  }
  const bool plain_gemm = node.number("alpha", 1) == 1.0F && node.number("beta", 1) == 1.0F &&
                          node.integer("transA", 0) == 0;
  if (!plain_gemm) return no_kernel(node, "alpha, beta or transA");
  const bool transposed = node.op == "Gemm" && node.integer("transB", 0) != 0;
  d.rows = src[0];
  d.out = weights->shape()[transposed ? 0 : 1];
  d.in = weights->shape()[transposed ? 1 : 0];
  if (d.in != src[1]) {
    return Error(ErrorCode::kBadShape,
                 "input " + to_text(src) + " does not fit weights " + to_text(weights->shape()),
                 "node '" + node.name + "'");
  }
  d.plain_weights = Desc({d.out, d.in}, kF32, transposed ? Tag::ab : Tag::ba);
  if (node.op == "Gemm" && node.inputs.size() > 2) d.bias = node.inputs[2];
  return d;
}

// MatMul followed by the Add of a constant vector is a layer with bias.
void take_bias(Builder& b, DenseShape& d) {
  const OpCall* next = b.only_consumer(d.dst);
  if (!d.bias.empty() || next == nullptr || next->op != "Add") return;
  const std::string other = next->inputs[next->inputs[0] == d.dst ? 1 : 0];
  const Tensor* vector = b.constant(other);
  if (vector == nullptr || vector->count() != d.out || vector->shape().back() != d.out) return;
  d.bias = other;
  d.dst = next->outputs[0];
  b.absorb(next);
}

// src, weights, bias, dst.
void few_rows_kernel(const KernelArgs& a) {
  const auto& layer = *static_cast<const kernels::FewRows*>(a.state);
  kernels::dense_few_rows(layer, a.p[0], a.p[1], a.p[2], a.p[3]);
}

// A layer of few rows with constant weights, by our own kernel; the weights are packed here.
Status emit_few_rows(Builder& b, const DenseShape& d, bool relu) {
  const kernels::FewRows layer{d.rows, d.in, d.out, relu};
  const bool transposed = d.plain_weights.data.format_desc.blocking.strides[1] == 1;
  const auto packed = kernels::pack_weights(layer, b.constant(d.weights)->data<float>(),
                                            transposed ? d.in : 1, transposed ? 1 : d.out);
  const Ref weights{b.program().constant_buffer(packed), {}};
  const Ref bias = d.bias.empty()
                       ? Ref{}
                       : Ref{b.program().constant_buffer(b.constant(d.bias)->data<float>()), {}};
  TENBIN_TRY(const Ref src, b.as(b.value(d.src).data, plain_desc({d.rows, d.in})));
  const Ref dst = b.program().arena_ref(plain_desc({d.rows, d.out}));
  KernelArgs args;
  args.state = b.program().keep(std::make_shared<kernels::FewRows>(layer));
  b.program().add(few_rows_kernel, args, {src, weights, bias, dst}, "dense:own:avx512");
  b.define(d.dst, {d.rows, d.out}, dst);
  return {};
}

bool takes_few_rows(const Builder& b, const DenseShape& d) {
  return b.options().mode == Mode::kInfer && d.rows <= kernels::FewRows::kMostRows &&
         b.has_own_kernels() && b.constant(d.weights)->type() == ElementType::kFloat32 &&
         (d.bias.empty() || b.constant(d.bias) != nullptr);
}

}  // namespace

Result<DenseShape> dense_shape(Builder& b, const OpCall& node) {
  TENBIN_TRY(DenseShape d, read(b, node));
  take_bias(b, d);
  return d;
}

Status lower_dense(Builder& b, const OpCall& node) {
  TENBIN_TRY(DenseShape d, dense_shape(b, node));
  dnnl::primitive_attr attributes = user_scratch();
  // What leaves the network is exact as the loss and its reader want it.
  const auto type = b.options().type;
  const Desc dst_desc({d.rows, d.out}, b.is_output(d.dst) ? kF32 : type, Tag::ab);
  const bool relu = fuse_relu(b, d.dst, {d.rows, d.out}, dst_desc, attributes);
  if (takes_few_rows(b, d)) return emit_few_rows(b, d, relu);
  if (is_small(b, d)) return lower_small_dense(b, d, relu);
  const Desc src_desc({d.rows, d.in}, type, Tag::ab);
  const Desc bias_desc = d.bias.empty() ? Desc() : Desc({d.out}, kF32, Tag::a);
  const int known = b.parameters().find(d.weights);
  const Desc any({d.out, d.in}, type, Tag::any);
  const auto kind = b.trains() ? prop_kind::forward_training : prop_kind::forward_inference;
  const auto make = [&](const Desc& weights, auto of) {
    return try_make<Forward::primitive_desc>([&] {
      return Forward::primitive_desc(
          Forward::desc(kind, typed(src_desc, of), typed(weights, of), bias_desc,
                        of == type ? dst_desc : typed(dst_desc, of)),
          attributes, b.program().engine());
    });
  };
  auto pd = make(known >= 0 ? b.parameters()[known].desc : any, type);
  if (!pd) pd = make(any, type);
  if (!pd) return no_kernel(node, "this layer");
  Desc kept = pd->weights_desc();  // the weights themselves are floats, as floats like them
  if (known < 0 && kept.data_type() != kF32) {
    const auto floats = make(any, kF32);
    kept = floats ? floats->weights_desc() : d.plain_weights;
  }
  const int weights = b.parameters().declare(d.weights, d.plain_weights, kept, true);
  const int bias =
      d.bias.empty() ? -1 : b.parameters().declare(d.bias, bias_desc, bias_desc, false);
  if (b.parameter_memory == nullptr) {
    b.define(d.dst, {d.rows, d.out}, b.program().arena_ref(dst_desc));
    return {};
  }
  TENBIN_TRY(const Ref src, b.as(b.value(d.src).data, src_desc));
  TENBIN_TRY(const Ref packed, b.as(b.weights(weights), pd->weights_desc()));
  const Ref dst = b.program().arena_ref(dst_desc);
  std::vector<Program::Argument> arguments = {
      {DNNL_ARG_SRC, src}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, dst}};
  if (bias >= 0) arguments.push_back({DNNL_ARG_BIAS, b.weights(bias)});
  b.program().add(Forward(*pd), std::move(arguments), pd->scratchpad_desc(),
                  std::string("dense:") + pd->impl_info_str());
  b.define(d.dst, {d.rows, d.out}, dst).kept = relu && b.trains();
  if (!b.trains()) return {};
  b.on_backward(
      [&b, &node, d, src, dst, relu, type, bias_desc, any, weights, bias, hint = *pd]() -> Status {
        const Desc diff_desc = typed(dst.desc, type);
        const Builder::Value& result = b.value(d.dst);
        TENBIN_TRY(const Ref diff_dst,
                   relu ? gradient_under_relu(b, result, dst) : b.as(result.gradient, diff_desc));
        const Desc held = b.parameters()[weights].desc;
        std::optional<BackWeights::primitive_desc> by_weights;
        for (const Desc& weights_desc : {held, typed(any, kF32)}) {
          if (by_weights) break;
          by_weights = try_make<BackWeights::primitive_desc>([&] {
            return BackWeights::primitive_desc(
                BackWeights::desc(src.desc, weights_desc, bias_desc, diff_desc), user_scratch(),
                b.program().engine(), hint);
          });
        }
        if (!by_weights) return no_kernel(node, "the gradient of the weights");
        const bool direct = by_weights->diff_weights_desc() == held;
        const Ref target =
            direct ? b.gradient(weights) : b.program().arena_ref(by_weights->diff_weights_desc());
        std::vector<Program::Argument> into = {
            {DNNL_ARG_SRC, src}, {DNNL_ARG_DIFF_DST, diff_dst}, {DNNL_ARG_DIFF_WEIGHTS, target}};
        if (bias >= 0) into.push_back({DNNL_ARG_DIFF_BIAS, b.gradient(bias)});
        b.program().add(BackWeights(*by_weights), std::move(into), by_weights->scratchpad_desc(),
                        std::string("dense_bwd_w:") + by_weights->impl_info_str());
        if (!direct) TENBIN_CHECK(b.program().add_reorder(target, b.gradient(weights)));
        Builder::Value& source = b.value(d.src);
        if (!source.wants_gradient) return {};
        std::optional<BackData::primitive_desc> by_data;
        for (const Desc& weights_desc : {typed(held, type), any}) {
          if (by_data) break;
          by_data = try_make<BackData::primitive_desc>([&] {
            return BackData::primitive_desc(BackData::desc(src.desc, weights_desc, diff_desc),
                                            user_scratch(), b.program().engine(), hint);
          });
        }
        if (!by_data) return no_kernel(node, "the gradient of the source");
        TENBIN_TRY(const Ref w, b.as(b.weights(weights), by_data->weights_desc()));
        const Ref diff_src = b.program().arena_ref(src.desc);
        b.program().add(
            BackData(*by_data),
            {{DNNL_ARG_DIFF_DST, diff_dst}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DIFF_SRC, diff_src}},
            by_data->scratchpad_desc(), std::string("dense_bwd_d:") + by_data->impl_info_str());
        return b.add_gradient(source, diff_src, false);
      });
  return {};
}

}  // namespace tenbin::dnn

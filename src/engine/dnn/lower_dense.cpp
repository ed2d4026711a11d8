// SPDX-License-Identifier: Apache-2.0
// Gemm and MatMul with constant weights, as inner products.
#include "engine/dnn/lower_dense.h"
#include "engine/kernels/dense.h"
#include "engine/kernels/simd.h"
#include "engine/kernels/tile_dense.h"

namespace tenbin::dnn {
namespace {

using dnnl::prop_kind;
using Forward = dnnl::inner_product_forward;
using BackData = dnnl::inner_product_backward_data;
using BackWeights = dnnl::inner_product_backward_weights;
using Tag = dnnl::memory::format_tag;
constexpr auto kF32 = dnnl::memory::data_type::f32;

bool is_bias(const Tensor* tensor, std::int64_t outputs) {
  return tensor != nullptr && tensor->type() == ElementType::kFloat32 && !tensor->shape().empty() &&
         tensor->count() == outputs && tensor->shape().back() == outputs;
}

Result<DenseShape> read(Builder& b, const OpCall& node) {
  DenseShape d;
  d.src = node.inputs[0];
  d.weights = node.inputs[1];
  d.dst = node.outputs[0];
  const Tensor* weights = b.constant(d.weights);
  const Shape& src = b.value(d.src).shape;
  const bool many = node.op == "MatMul" && src.size() > 2;
  if (weights == nullptr || weights->shape().size() != 2 || (src.size() != 2 && !many)) {
    return no_kernel(node, "operands that are not [rows, in] and constant weights");
  }
  if (weights->type() != ElementType::kFloat32) return no_kernel(node, "weights of another type");
  const bool plain_gemm = node.number("alpha", 1) == 1.0F && node.number("beta", 1) == 1.0F &&
                          node.integer("transA", 0) == 0;
  if (!plain_gemm) return no_kernel(node, "alpha, beta or transA");
  const bool transposed = node.op == "Gemm" && node.integer("transB", 0) != 0;
  d.rows = count_of(src) / src.back();
  d.out = weights->shape()[transposed ? 0 : 1];
  d.in = weights->shape()[transposed ? 1 : 0];
  if (d.in != src.back()) {
    return Error(ErrorCode::kBadShape,
                 "input " + to_text(src) + " does not fit weights " + to_text(weights->shape()),
                 "node '" + node.name + "'");
  }
  d.plain_weights = Desc({d.out, d.in}, kF32, transposed ? Tag::ab : Tag::ba);
  d.src_shape = d.dst_shape = src;
  d.dst_shape.back() = d.out;
  if (node.op == "Gemm" && node.inputs.size() > 2) d.bias = node.inputs[2];
  if (!d.bias.empty() && !is_bias(b.constant(d.bias), d.out)) {
    return no_kernel(node, "a bias that is not one constant number an output");
  }
  return d;
}

// MatMul followed by the Add of a constant vector is a layer with bias.
void take_bias(Builder& b, DenseShape& d) {
  const OpCall* next = b.only_consumer(d.dst);
  if (!d.bias.empty() || next == nullptr || next->op != "Add") return;
  const std::string other = next->inputs[next->inputs[0] == d.dst ? 1 : 0];
  if (!is_bias(b.constant(other), d.out)) return;
  d.bias = other;
  d.dst = next->outputs[0];
  b.absorb(next);
}

// src, weights, bias, dst.
void few_rows_kernel(const KernelArgs& a) {
  const auto& layer = *static_cast<const kernels::FewRows*>(a.state);
  kernels::dense_few_rows(layer, a.p[0], a.p[1], a.p[2], a.p[3]);
}

// src, weights, dst.
void tiles_kernel(const KernelArgs& a) {
  static_cast<const kernels::TileDense*>(a.state)->run(a.p[0], a.p[1], a.p[2]);
}

// Between weights of neighbouring outputs, and inputs.
std::pair<std::int64_t, std::int64_t> weight_steps(const DenseShape& d) {
  const bool transposed = d.plain_weights.data.format_desc.blocking.strides[1] == 1;
  return transposed ? std::pair(d.in, std::int64_t{1}) : std::pair(std::int64_t{1}, d.out);
}

// A layer with constant weights by our own kernel for AVX2; the weights are packed here.
Status emit_tiles(Builder& b, const DenseShape& d, bool relu) {
  const Ref src_as_is = b.value(d.src).data;
  const Ref dst = b.program().arena_ref(plain_desc(d.dst_shape));
  b.define(d.dst, d.dst_shape, dst);
  if (b.parameter_memory == nullptr) return {};  // the pass that only finds out layouts
  TENBIN_TRY(const Ref src, b.as(src_as_is, plain_desc(d.src_shape)));
  const auto dense =
      std::make_shared<kernels::TileDense>(kernels::TileDense::Size{d.rows, d.in, d.out}, relu);
  const auto [out_step, in_step] = weight_steps(d);
  std::span<const float> bias;
  if (!d.bias.empty()) bias = b.constant(d.bias)->data<float>();
  const auto packed = dense->pack(b.constant(d.weights)->data<float>(), out_step, in_step, bias);
  const Ref weights{b.program().constant_buffer(packed), {}};
  KernelArgs args;
  args.state = b.program().keep(dense);
  b.program().add(tiles_kernel, args, {src, weights, dst}, "dense:own:avx2");
  return {};
}

// A layer of few rows with constant weights, by our own kernel; the weights are packed here.
Status emit_few_rows(Builder& b, const DenseShape& d, bool relu) {
  const kernels::FewRows layer{d.rows, d.in, d.out, relu};
  const auto [out_step, in_step] = weight_steps(d);
  const auto packed =
      kernels::pack_weights(layer, b.constant(d.weights)->data<float>(), out_step, in_step);
  const Ref weights{b.program().constant_buffer(packed), {}};
  const Ref bias = d.bias.empty()
                       ? Ref{}
                       : Ref{b.program().constant_buffer(b.constant(d.bias)->data<float>()), {}};
  TENBIN_TRY(const Ref src, b.plain(b.value(d.src)));
  const Ref dst = b.program().arena_ref(plain_desc(d.dst_shape));
  KernelArgs args;
  args.state = b.program().keep(std::make_shared<kernels::FewRows>(layer));
  b.program().add(few_rows_kernel, args, {src, weights, bias, dst}, "dense:own:avx512");
  b.define(d.dst, d.dst_shape, dst);
  return {};
}

bool has_constants(const Builder& b, const DenseShape& d) {
  return b.options().mode == Mode::kInfer &&
         b.constant(d.weights)->type() == ElementType::kFloat32 &&
         (d.bias.empty() || b.constant(d.bias) != nullptr);
}

bool takes_tiles(const Builder& b, const DenseShape& d) {
  return b.options().type == kF32 && b.has_avx2_kernels() && has_constants(b, d);
}

bool takes_few_rows(const Builder& b, const DenseShape& d) {
  constexpr std::int64_t kWeightBound = 1 << 15;  // weights: half their bytes is half the time
  if (b.options().type != kF32 && d.in * d.out >= kWeightBound) return false;
  return d.rows <= kernels::FewRows::kMostRows && b.has_own_kernels() && has_constants(b, d);
}

struct Emitted {
  DenseShape d;
  Desc bias_desc, any;  // any: the weights as the kernels like them
  int weights, bias;
  bool relu;
  Ref src, whole;  // whole: the result in its own shape
  Forward::primitive_desc hint;
};

Status emit_weight_gradient(Builder& b, const OpCall& node, const Emitted& e, const Ref& diff_dst) {
  const Desc held = b.parameters()[e.weights].desc;
  std::optional<BackWeights::primitive_desc> pd;
  for (const Desc& weights : {held, typed(e.any, kF32)}) {
    if (pd) break;
    pd = try_make<BackWeights::primitive_desc>([&] {
      return BackWeights::primitive_desc(
          BackWeights::desc(e.src.desc, weights, e.bias_desc, diff_dst.desc), user_scratch(),
          b.program().engine(), e.hint);
    });
  }
  if (!pd) return no_kernel(node, "the gradient of the weights");
  const bool direct = pd->diff_weights_desc() == held;
  const Ref target =
      direct ? b.gradient(e.weights) : b.program().arena_ref(pd->diff_weights_desc());
  std::vector<Program::Argument> arguments = {
      {DNNL_ARG_SRC, e.src}, {DNNL_ARG_DIFF_DST, diff_dst}, {DNNL_ARG_DIFF_WEIGHTS, target}};
  if (e.bias >= 0) arguments.push_back({DNNL_ARG_DIFF_BIAS, b.gradient(e.bias)});
  b.program().add(BackWeights(*pd), std::move(arguments), pd->scratchpad_desc(),
                  std::string("dense_bwd_w:") + pd->impl_info_str());
  return direct ? Status() : b.program().add_reorder(target, b.gradient(e.weights));
}

Status emit_backward(Builder& b, const OpCall& node, const Emitted& e) {
  const auto type = b.options().type;
  const Builder::Value& result = b.value(e.d.dst);
  TENBIN_TRY(const Ref passed, e.relu
                                   ? gradient_under_relu(b, result, e.whole)
                                   : b.as(result.gradient, typed(plain_desc(e.d.dst_shape), type)));
  const Ref diff_dst{passed.buffer, Desc({e.d.rows, e.d.out}, type, Tag::ab)};
  TENBIN_CHECK(emit_weight_gradient(b, node, e, diff_dst));
  Builder::Value& source = b.value(e.d.src);
  if (!source.wants_gradient) return {};
  std::optional<BackData::primitive_desc> pd;
  for (const Desc& weights : {typed(b.parameters()[e.weights].desc, type), e.any}) {
    if (pd) break;
    pd = try_make<BackData::primitive_desc>([&] {
      return BackData::primitive_desc(BackData::desc(e.src.desc, weights, diff_dst.desc),
                                      user_scratch(), b.program().engine(), e.hint);
    });
  }
  if (!pd) return no_kernel(node, "the gradient of the source");
  TENBIN_TRY(const Ref w, b.as(b.weights(e.weights), pd->weights_desc()));
  const Ref diff_src = b.program().arena_ref(e.src.desc);
  b.program().add(
      BackData(*pd),
      {{DNNL_ARG_DIFF_DST, diff_dst}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DIFF_SRC, diff_src}},
      pd->scratchpad_desc(), std::string("dense_bwd_d:") + pd->impl_info_str());
  return b.add_gradient(source, {diff_src.buffer, typed(plain_desc(e.d.src_shape), type)}, false);
}

}  // namespace

Result<DenseShape> dense_shape(Builder& b, const OpCall& node) {
  TENBIN_TRY(DenseShape d, read(b, node));
  take_bias(b, d);
  return d;
}

Status lower_dense(Builder& b, const OpCall& node) {
  const bool products = node.op == "MatMul" && b.constant(node.inputs[1]) == nullptr &&
                        b.constant(node.inputs[0]) == nullptr;
  if (products) return lower_products(b, node);
  if (!b.has_value(node.inputs[0])) return no_kernel(node, "constant rows");
  TENBIN_TRY(DenseShape d, dense_shape(b, node));
  dnnl::primitive_attr attributes = user_scratch();
  // What leaves the network is exact as the loss and its reader want it.
  const auto type = b.options().type;
  const Desc dst_desc({d.rows, d.out}, b.is_output(d.dst) ? kF32 : type, Tag::ab);
  const bool relu = fuse_relu(b, d.dst, d.dst_shape, dst_desc, attributes);
  if (takes_few_rows(b, d)) return emit_few_rows(b, d, relu);
  if (takes_tiles(b, d)) return emit_tiles(b, d, relu);
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
  // Weights that are trained are floats, as floats like them.
  Desc kept = pd->weights_desc();
  if (known < 0 && kept.data_type() != kF32 && b.options().mode != Mode::kInfer) {
    const auto floats = make(any, kF32);
    kept = floats ? floats->weights_desc() : d.plain_weights;
  }
  const int weights = b.parameters().declare(d.weights, d.plain_weights, kept, true);
  const int bias =
      d.bias.empty() ? -1 : b.parameters().declare(d.bias, bias_desc, bias_desc, false);
  if (b.parameter_memory == nullptr) {
    b.define(d.dst, d.dst_shape,
             b.program().arena_ref(typed(plain_desc(d.dst_shape), dst_desc.data_type())));
    return {};
  }
  TENBIN_TRY(const Ref laid, b.as(b.value(d.src).data, typed(plain_desc(d.src_shape), type)));
  const Ref src{laid.buffer, src_desc};
  TENBIN_TRY(const Ref packed, b.as(b.weights(weights), pd->weights_desc()));
  const Ref dst = b.program().arena_ref(dst_desc);
  std::vector<Program::Argument> arguments = {
      {DNNL_ARG_SRC, src}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, dst}};
  if (bias >= 0) arguments.push_back({DNNL_ARG_BIAS, b.weights(bias)});
  b.program().add(Forward(*pd), std::move(arguments), pd->scratchpad_desc(),
                  std::string("dense:") + pd->impl_info_str());
  const Ref whole{dst.buffer, typed(plain_desc(d.dst_shape), dst_desc.data_type())};
  b.define(d.dst, d.dst_shape, whole).kept = relu && b.trains();
  if (!b.trains()) return {};
  const Emitted layer{d, bias_desc, any, weights, bias, relu, src, whole, *pd};
  b.on_backward([&b, &node, layer]() -> Status { return emit_backward(b, node, layer); });
  return {};
}

}  // namespace tenbin::dnn

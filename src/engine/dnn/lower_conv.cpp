// SPDX-License-Identifier: Apache-2.0
// Convolution: forward with bias and ReLU fused, gradients of source and weights.
#include "engine/dnn/builder.h"

namespace tenbin::dnn {
namespace {

using dnnl::algorithm;
using dnnl::prop_kind;
using Forward = dnnl::convolution_forward;
using BackData = dnnl::convolution_backward_data;
using BackWeights = dnnl::convolution_backward_weights;
constexpr auto kF32 = dnnl::memory::data_type::f32;

struct Window {
  dnnl::memory::dims strides, dilates, begin, end;
};

Result<Window> window_of(const OpCall& node, const Shape& src, const Shape& kernel) {
  Window w;
  const auto strides = node.integers("strides", {1, 1});
  const auto dilations = node.integers("dilations", {1, 1});
  auto pads = node.integers("pads", {0, 0, 0, 0});
  const std::string automatic = node.text("auto_pad", "NOTSET");
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t reach = (kernel[i] - 1) * dilations[i] + 1;
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      const std::int64_t out = (src[i + 2] + strides[i] - 1) / strides[i];
      const std::int64_t total =
          std::max<std::int64_t>(0, (out - 1) * strides[i] + reach - src[i + 2]);
      const std::int64_t small = total / 2;
      pads[i] = automatic == "SAME_UPPER" ? small : total - small;
      pads[i + 2] = total - pads[i];
    }
    w.strides.push_back(strides[i]);
    w.dilates.push_back(dilations[i] - 1);
    w.begin.push_back(pads[i]);
    w.end.push_back(pads[i + 2]);
  }
  return w;
}

struct ConvShapes {
  Shape src, dst;
  Desc plain_weights;  // grouped when groups > 1
  Shape weight_dims;
  Window window;
};

Result<ConvShapes> shapes_of(Builder& b, const OpCall& node) {
  ConvShapes s;
  s.src = b.value(node.inputs[0]).shape;
  const Tensor* weights = b.constant(node.inputs[1]);
  if (weights == nullptr) return no_kernel(node, "weights that are not constant");
  if (s.src.size() != 4) return no_kernel(node, "shape " + to_text(s.src));
  const Shape& w = weights->shape();
  const std::int64_t groups = node.integer("group", 1);
  s.weight_dims = groups == 1 ? w : Shape{groups, w[0] / groups, w[1], w[2], w[3]};
  s.plain_weights = plain_desc(s.weight_dims);
  TENBIN_TRY(s.window, window_of(node, s.src, {w[2], w[3]}));
  s.dst = {s.src[0], w[0], 0, 0};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t reach = (w[i + 2] - 1) * (s.window.dilates[i] + 1) + 1;
    const std::int64_t room = s.src[i + 2] + s.window.begin[i] + s.window.end[i] - reach;
    if (room < 0) {
      return Error(ErrorCode::kBadShape,
                   "kernel " + to_text(w) + " is larger than its input " + to_text(s.src),
                   "node '" + node.name + "'");
    }
    s.dst[i + 2] = room / s.window.strides[i] + 1;
  }
  return s;
}

std::vector<algorithm> algorithms(ConvChoice choice) {
  switch (choice) {
    case ConvChoice::kAuto: return {algorithm::convolution_auto, algorithm::convolution_direct};
    case ConvChoice::kWinograd:
      return {algorithm::convolution_winograd, algorithm::convolution_direct};
    case ConvChoice::kDirect: break;
  }
  return {algorithm::convolution_direct};
}

Desc any(const Shape& shape) { return Desc(dims_of(shape), kF32, dnnl::memory::format_tag::any); }

// The first of the candidates that has a real kernel.
std::optional<Forward::primitive_desc> make_forward(Builder& b, const ConvShapes& s,
                                                    const Desc& src, const Desc& weights,
                                                    const Desc& bias, const Desc& dst,
                                                    const dnnl::primitive_attr& attributes) {
  const auto kind = b.trains() ? prop_kind::forward_training : prop_kind::forward_inference;
  for (const algorithm choice : algorithms(b.options().convolution)) {
    auto pd = try_make<Forward::primitive_desc>([&] {
      const Forward::desc desc(kind, choice, src, weights, bias, dst, s.window.strides,
                               s.window.dilates, s.window.begin, s.window.end);
      return Forward::primitive_desc(desc, attributes, b.program().engine());
    });
    // Transformed weights cannot be changed back: good for constants, useless for training.
    const bool packed = pd && pd->weights_desc().data.format_kind != dnnl_blocked;
    if (pd && (!packed || b.options().mode == Mode::kInfer)) return pd;
  }
  return std::nullopt;
}

Status emit_weight_gradient(Builder& b, const OpCall& node, const ConvShapes& s, const Ref& src,
                            const Ref& diff_dst, int weights, int bias,
                            const Forward::primitive_desc& hint) {
  const Desc wanted = b.parameters()[weights].desc;
  const Desc bias_desc = bias >= 0 ? b.parameters()[bias].desc : Desc();
  std::optional<BackWeights::primitive_desc> pd;
  for (const Desc& weights_desc : {wanted, any(s.weight_dims)}) {
    for (const algorithm choice : algorithms(b.options().convolution)) {
      if (pd) break;
      pd = try_make<BackWeights::primitive_desc>([&] {
        const BackWeights::desc desc(choice, src.desc, weights_desc, bias_desc, diff_dst.desc,
                                     s.window.strides, s.window.dilates, s.window.begin,
                                     s.window.end);
        return BackWeights::primitive_desc(desc, user_scratch(), b.program().engine(), hint);
      });
      if (pd && pd->diff_weights_desc().data.format_kind != dnnl_blocked) pd.reset();
    }
  }
  if (!pd) return no_kernel(node, "the gradient of the weights");
  const Ref out = b.gradient(weights);
  const bool direct = pd->diff_weights_desc() == wanted;
  const Ref target = direct ? out : b.program().arena_ref(pd->diff_weights_desc());
  std::vector<Program::Argument> arguments = {
      {DNNL_ARG_SRC, src}, {DNNL_ARG_DIFF_DST, diff_dst}, {DNNL_ARG_DIFF_WEIGHTS, target}};
  if (bias >= 0) arguments.push_back({DNNL_ARG_DIFF_BIAS, b.gradient(bias)});
  b.program().add(BackWeights(*pd), std::move(arguments), pd->scratchpad_desc(),
                  std::string("conv_bwd_w:") + pd->impl_info_str());
  return direct ? Status() : b.program().add_reorder(target, out);
}

Status emit_source_gradient(Builder& b, const OpCall& node, const ConvShapes& s,
                            const Ref& diff_dst, int weights, Builder::Value& src,
                            const Forward::primitive_desc& hint) {
  const Desc held = b.parameters()[weights].desc;
  std::optional<BackData::primitive_desc> pd;
  for (const Desc& weights_desc : {held, any(s.weight_dims)}) {
    for (const algorithm choice : algorithms(b.options().convolution)) {
      if (pd) break;
      pd = try_make<BackData::primitive_desc>([&] {
        const BackData::desc desc(choice, src.data.desc, weights_desc, diff_dst.desc,
                                  s.window.strides, s.window.dilates, s.window.begin, s.window.end);
        return BackData::primitive_desc(desc, user_scratch(), b.program().engine(), hint);
      });
    }
  }
  if (!pd) return no_kernel(node, "the gradient of the source");
  TENBIN_TRY(const Ref w, b.as(b.weights(weights), pd->weights_desc()));
  const Ref diff_src = b.program().arena_ref(pd->diff_src_desc());
  b.program().add(
      BackData(*pd),
      {{DNNL_ARG_DIFF_DST, diff_dst}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DIFF_SRC, diff_src}},
      pd->scratchpad_desc(), std::string("conv_bwd_d:") + pd->impl_info_str());
  return b.add_gradient(src, diff_src, false);
}

}  // namespace

Status lower_conv(Builder& b, const OpCall& node) {
  TENBIN_TRY(const ConvShapes s, shapes_of(b, node));
  const std::string src_name = node.inputs[0];
  const std::string weights_name = node.inputs[1];
  const std::string bias_name = node.inputs.size() > 2 ? node.inputs[2] : std::string();
  std::string dst_name = node.outputs[0];
  // Where nobody else reads the sum, the ReLU becomes part of the convolution.
  dnnl::primitive_attr attributes = user_scratch();
  const OpCall* next = b.only_consumer(dst_name);
  if (next != nullptr && next->op == "Relu" && !b.trains()) {
    dnnl::post_ops post;
    post.append_eltwise(1, algorithm::eltwise_relu, 0, 0);
    attributes.set_post_ops(post);
    b.absorb(next);
    dst_name = next->outputs[0];
  }
  Ref src = b.value(src_name).data;
  const Desc dst_desc = b.activation(s.dst);
  const Desc bias_desc =
      bias_name.empty() ? Desc() : Desc({s.dst[1]}, kF32, dnnl::memory::format_tag::a);
  const int known = b.parameters().find(weights_name);
  const Desc weights_desc = known >= 0 ? b.parameters()[known].desc : any(s.weight_dims);
  auto pd = make_forward(b, s, src.desc, weights_desc, bias_desc, dst_desc, attributes);
  if (!pd && src.desc != b.activation(s.src)) {
    TENBIN_TRY(src, b.as(src, b.activation(s.src)));
    pd = make_forward(b, s, src.desc, weights_desc, bias_desc, dst_desc, attributes);
  }
  if (!pd)
    pd = make_forward(b, s, any(s.src), any(s.weight_dims), bias_desc, any(s.dst), attributes);
  if (!pd) return no_kernel(node, "shape " + to_text(s.src));
  TENBIN_TRY(src, b.as(src, pd->src_desc()));
  const int weights =
      b.parameters().declare(weights_name, s.plain_weights, pd->weights_desc(), true);
  const int bias =
      bias_name.empty() ? -1 : b.parameters().declare(bias_name, bias_desc, bias_desc, false);
  if (b.parameter_memory == nullptr) {  // the pass that only finds out layouts
    b.define(dst_name, s.dst, b.program().arena_ref(pd->dst_desc()));
    return {};
  }
  TENBIN_TRY(const Ref packed, b.as(b.weights(weights), pd->weights_desc()));
  const Ref dst = b.program().arena_ref(pd->dst_desc());
  std::vector<Program::Argument> arguments = {
      {DNNL_ARG_SRC, src}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, dst}};
  if (bias >= 0) arguments.push_back({DNNL_ARG_BIAS, b.weights(bias)});
  b.program().add(Forward(*pd), std::move(arguments), pd->scratchpad_desc(),
                  std::string("conv:") + pd->impl_info_str());
  b.define(dst_name, s.dst, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, &node, s, src, src_name, dst_name, weights, bias, hint = *pd]() -> Status {
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, hint.dst_desc()));
    TENBIN_CHECK(emit_weight_gradient(b, node, s, src, diff_dst, weights, bias, hint));
    Builder::Value& source = b.value(src_name);
    if (!source.wants_gradient) return {};
    return emit_source_gradient(b, node, s, diff_dst, weights, source, hint);
  });
  return {};
}

}  // namespace tenbin::dnn

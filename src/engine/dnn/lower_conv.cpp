// SPDX-License-Identifier: Apache-2.0
// Convolution: forward with bias and ReLU fused, gradients of source and weights.
#include "engine/dnn/lower_conv.h"

#include <algorithm>
#include <span>

namespace tenbin::dnn {
namespace {

using dnnl::algorithm;
using dnnl::prop_kind;
using Forward = dnnl::convolution_forward;
using BackData = dnnl::convolution_backward_data;
using BackWeights = dnnl::convolution_backward_weights;
constexpr auto kF32 = dnnl::memory::data_type::f32;

bool are_sizes(const std::vector<std::int64_t>& sizes, std::size_t count, std::int64_t least) {
  return sizes.size() == count &&
         std::all_of(sizes.begin(), sizes.end(), [&](auto size) { return size >= least; });
}

// `kernel`: its sizes along the axes of the image (two) or line (one).
Result<ConvWindow> window_of(const OpCall& node, const Shape& src,
                             std::span<const std::int64_t> kernel) {
  ConvWindow w;
  const std::size_t axes = kernel.size();
  const auto strides = node.integers("strides", std::vector<std::int64_t>(axes, 1));
  const auto dilations = node.integers("dilations", std::vector<std::int64_t>(axes, 1));
  auto pads = node.integers("pads", std::vector<std::int64_t>(2 * axes, 0));
  if (!are_sizes(strides, axes, 1) || !are_sizes(dilations, axes, 1) ||
      !are_sizes(pads, 2 * axes, 0)) {
    return no_kernel(node, "strides, dilations or pads that are not one for each axis");
  }
  const std::string automatic = node.text("auto_pad", "NOTSET");
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t reach = (kernel[i] - 1) * dilations[i] + 1;
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      const std::int64_t out = (src[i + 2] + strides[i] - 1) / strides[i];
      const std::int64_t total =
          std::max<std::int64_t>(0, (out - 1) * strides[i] + reach - src[i + 2]);
      const std::int64_t small = total / 2;
      pads[i] = automatic == "SAME_UPPER" ? small : total - small;
      pads[i + axes] = total - pads[i];
    }
    w.strides.push_back(strides[i]);
    w.dilates.push_back(dilations[i] - 1);
    w.begin.push_back(pads[i]);
    w.end.push_back(pads[i + axes]);
  }
  return w;
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

using Type = dnnl::memory::data_type;
Desc any(const Shape& shape, Type type = kF32) {
  return Desc(dims_of(shape), type, dnnl::memory::format_tag::any);
}

struct Layouts {
  Desc src, weights, dst;
};

// The layouts to ask for, best first: as the neighbours have them, then as the kernel likes.
std::vector<Layouts> wishes(const ConvShapes& s, const Layouts& held, Type type, Type weights) {
  const Layouts own = {typed(held.src, type), typed(held.weights, weights), typed(held.dst, type)};
  const Desc open = any(s.weight_dims, weights);
  return {own, {own.src, open, own.dst}, {any(s.src, type), open, any(s.dst, type)}};
}

bool is_packed(const Desc& weights) { return weights.data.format_kind != dnnl_blocked; }

// The first of wishes x algorithms that has a kernel: the fast ones first, whatever there is next.
template <class Pd, class Make, class Fits>
std::optional<Pd> first_of(Builder& b, const std::vector<Layouts>& wanted, Make make, Fits fits) {
  for (const bool slow_too : {false, true}) {
    for (const Layouts& layouts : wanted) {
      for (const algorithm choice : algorithms(b.options().convolution)) {
        auto pd = try_make<Pd>([&] { return make(choice, layouts); }, slow_too);
        if (pd && fits(*pd)) return pd;
      }
    }
  }
  return std::nullopt;
}

std::optional<Forward::primitive_desc> make_forward(Builder& b, const ConvShapes& s,
                                                    const Layouts& held, const Desc& bias,
                                                    const dnnl::primitive_attr& attributes,
                                                    Type type) {
  const auto kind = b.trains() ? prop_kind::forward_training : prop_kind::forward_inference;
  std::vector<Layouts> wanted = wishes(s, held, type, type);
  wanted.insert(wanted.begin() + 1,
                {typed(b.activation(s.src), type), wanted[0].weights, wanted[0].dst});
  return first_of<Forward::primitive_desc>(
      b, wanted,
      [&](algorithm choice, const Layouts& l) {
        const Forward::desc desc(kind, choice, l.src, l.weights, bias, l.dst, s.window.strides,
                                 s.window.dilates, s.window.begin, s.window.end);
        return Forward::primitive_desc(desc, attributes, b.program().engine());
      },
      // Transformed weights cannot be changed back: good for constants, useless for training.
      [&](const auto& pd) {
        return b.options().mode == Mode::kInfer || !is_packed(pd.weights_desc());
      });
}

Status emit_weight_gradient(Builder& b, const OpCall& node, const ConvShapes& s, const Ref& src,
                            const Ref& diff_dst, int weights, int bias,
                            const Forward::primitive_desc& hint) {
  const Desc wanted = b.parameters()[weights].desc;
  const Desc bias_desc = bias >= 0 ? b.parameters()[bias].desc : Desc();
  const auto pd = first_of<BackWeights::primitive_desc>(
      b, wishes(s, {src.desc, wanted, diff_dst.desc}, b.options().type, kF32),
      [&](algorithm choice, const Layouts& l) {
        const BackWeights::desc desc(choice, l.src, l.weights, bias_desc, l.dst, s.window.strides,
                                     s.window.dilates, s.window.begin, s.window.end);
        return BackWeights::primitive_desc(desc, user_scratch(), b.program().engine(), hint);
      },
      [](const auto& made) { return !is_packed(made.diff_weights_desc()); });
  const bool leaves = !pd || pd->src_desc() != src.desc || pd->diff_dst_desc() != diff_dst.desc;
  if (leaves && bias < 0 && emit_depthwise_gradient(b, s, src, diff_dst, weights)) return {};
  if (!pd) return no_kernel(node, "the gradient of the weights");
  TENBIN_TRY(const Ref from, b.as(src, pd->src_desc()));
  TENBIN_TRY(const Ref gradient, b.as(diff_dst, pd->diff_dst_desc()));
  const Ref out = b.gradient(weights);
  const bool direct = pd->diff_weights_desc() == wanted;
  const Ref target = direct ? out : b.program().arena_ref(pd->diff_weights_desc());
  std::vector<Program::Argument> arguments = {
      {DNNL_ARG_SRC, from}, {DNNL_ARG_DIFF_DST, gradient}, {DNNL_ARG_DIFF_WEIGHTS, target}};
  if (bias >= 0) arguments.push_back({DNNL_ARG_DIFF_BIAS, b.gradient(bias)});
  b.program().add(BackWeights(*pd), std::move(arguments), pd->scratchpad_desc(),
                  std::string("conv_bwd_w:") + pd->impl_info_str());
  return direct ? Status() : b.program().add_reorder(target, out);
}

Status emit_source_gradient(Builder& b, const OpCall& node, const ConvShapes& s,
                            const Ref& diff_dst, int weights, Builder::Value& src,
                            const Forward::primitive_desc& hint) {
  const Desc held = b.parameters()[weights].desc;
  const auto pd = first_of<BackData::primitive_desc>(
      b, wishes(s, {src.data.desc, held, diff_dst.desc}, b.options().type, b.options().type),
      [&](algorithm choice, const Layouts& l) {
        const BackData::desc desc(choice, l.src, l.weights, l.dst, s.window.strides,
                                  s.window.dilates, s.window.begin, s.window.end);
        return BackData::primitive_desc(desc, user_scratch(), b.program().engine(), hint);
      },
      [](const auto&) { return true; });
  if (!pd) return no_kernel(node, "the gradient of the source");
  TENBIN_TRY(const Ref w, b.as(b.weights(weights), pd->weights_desc()));
  TENBIN_TRY(const Ref gradient, b.as(diff_dst, pd->diff_dst_desc()));
  const Ref diff_src = b.program().arena_ref(pd->diff_src_desc());
  b.program().add(
      BackData(*pd),
      {{DNNL_ARG_DIFF_DST, gradient}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DIFF_SRC, diff_src}},
      pd->scratchpad_desc(), std::string("conv_bwd_d:") + pd->impl_info_str());
  TENBIN_TRY(const Ref laid, b.as(diff_src, src.data.desc));
  return b.add_gradient(src, laid, false);
}

}  // namespace

Result<ConvShapes> conv_shapes(Builder& b, const OpCall& node) {
  ConvShapes s;
  s.src = b.value(node.inputs[0]).shape;
  const Tensor* weights = b.constant(node.inputs[1]);
  if (weights == nullptr) return no_kernel(node, "weights that are not constant");
  const Shape& w = weights->shape();
  if ((s.src.size() != 3 && s.src.size() != 4) || w.size() != s.src.size()) {
    return no_kernel(node, "shape " + to_text(s.src));
  }
  const std::int64_t groups = node.integer("group", 1);
  if (groups < 1 || w[0] % groups != 0 || w[1] * groups != s.src[1] || count_of(w) == 0 ||
      weights->type() != ElementType::kFloat32) {
    return no_kernel(node, "weights " + to_text(w) + " in " + std::to_string(groups) + " groups");
  }
  s.weight_dims = w;
  if (groups != 1) {
    s.weight_dims.front() /= groups;
    s.weight_dims.insert(s.weight_dims.begin(), groups);
  }
  s.plain_weights = plain_desc(s.weight_dims);
  TENBIN_TRY(s.window, window_of(node, s.src, std::span(w).subspan(2)));
  s.dst = {s.src[0], w[0]};
  for (std::size_t i = 0; i + 2 < w.size(); ++i) {
    const std::int64_t reach = (w[i + 2] - 1) * (s.window.dilates[i] + 1) + 1;
    const std::int64_t room = s.src[i + 2] + s.window.begin[i] + s.window.end[i] - reach;
    if (room < 0) {
      return Error(ErrorCode::kBadShape,
                   "kernel " + to_text(w) + " is larger than its input " + to_text(s.src),
                   "node '" + node.name + "'");
    }
    s.dst.push_back(room / s.window.strides[i] + 1);
  }
  return s;
}

Status lower_conv(Builder& b, const OpCall& node) {
  TENBIN_TRY(const ConvShapes s, conv_shapes(b, node));
  TENBIN_TRY(const bool whole_stage, lower_conv_pool(b, node, s));
  if (whole_stage) return {};
  TENBIN_TRY(const bool winograd, lower_winograd(b, node, s));
  if (winograd) return {};
  TENBIN_TRY(const bool direct, lower_direct_conv(b, node, s));
  if (direct) return {};
  const std::string src_name = node.inputs[0];
  const std::string weights_name = node.inputs[1];
  const std::string bias_name = node.inputs.size() > 2 ? node.inputs[2] : std::string();
  std::string dst_name = node.outputs[0];
  dnnl::primitive_attr attributes = user_scratch();
  const bool relu = fuse_relu(b, dst_name, s.dst, b.activation(s.dst), attributes);
  Ref src = b.value(src_name).data;
  const Desc dst_desc = b.activation(s.dst);
  const Desc bias_desc =
      bias_name.empty() ? Desc() : Desc({s.dst[1]}, kF32, dnnl::memory::format_tag::a);
  const int known = b.parameters().find(weights_name);
  const Desc weights_desc = known >= 0 ? b.parameters()[known].desc : any(s.weight_dims);
  const Layouts held = {src.desc, weights_desc, dst_desc};
  const auto pd = make_forward(b, s, held, bias_desc, attributes, b.options().type);
  if (!pd) return no_kernel(node, "shape " + to_text(s.src));
  TENBIN_TRY(src, b.as(src, pd->src_desc()));
  // Weights that are trained are floats, as floats like them.
  Desc kept = pd->weights_desc();
  if (known < 0 && kept.data_type() != kF32 && b.options().mode != Mode::kInfer) {
    const auto floats = make_forward(b, s, held, bias_desc, attributes, kF32);
    kept = floats ? floats->weights_desc() : s.plain_weights;
  }
  const int weights = b.parameters().declare(weights_name, s.plain_weights, kept, true);
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
  b.define(dst_name, s.dst, dst).kept = relu && b.trains();
  if (!b.trains()) return {};
  b.on_backward(
      [&b, &node, s, src, src_name, dst_name, dst, relu, weights, bias, hint = *pd]() -> Status {
        const Builder::Value& result = b.value(dst_name);
        TENBIN_TRY(const Ref diff_dst, relu ? gradient_under_relu(b, result, dst)
                                            : b.as(result.gradient, hint.dst_desc()));
        TENBIN_CHECK(emit_weight_gradient(b, node, s, src, diff_dst, weights, bias, hint));
        Builder::Value& source = b.value(src_name);
        if (!source.wants_gradient) return {};
        return emit_source_gradient(b, node, s, diff_dst, weights, source, hint);
      });
  return {};
}

}  // namespace tenbin::dnn

// SPDX-License-Identifier: Apache-2.0
// Pooling and batch normalisation.
#include "engine/dnn/builder.h"

namespace tenbin::dnn {
namespace {

using dnnl::algorithm;
using dnnl::prop_kind;
using Pool = dnnl::pooling_v2_forward;
using PoolBack = dnnl::pooling_v2_backward;
using Norm = dnnl::batch_normalization_forward;
using NormBack = dnnl::batch_normalization_backward;
constexpr auto kF32 = dnnl::memory::data_type::f32;
using Tag = dnnl::memory::format_tag;

struct PoolWindow {
  dnnl::memory::dims kernel, strides, dilates, begin, end;
  Shape dst;
  algorithm choice = algorithm::pooling_max;
};

Result<PoolWindow> window_of(const OpCall& node, const Shape& src) {
  if (src.size() != 4) return no_kernel(node, "shape " + to_text(src));
  PoolWindow w;
  if (node.op.starts_with("Global")) {
    if (node.op == "GlobalAveragePool") w.choice = algorithm::pooling_avg_exclude_padding;
    w.kernel = {src[2], src[3]};
    w.strides = {1, 1};
    w.dilates = {0, 0};
    w.begin = w.end = {0, 0};
    w.dst = {src[0], src[1], 1, 1};
    return w;
  }
  if (node.op == "AveragePool") {
    w.choice = node.integer("count_include_pad", 0) != 0 ? algorithm::pooling_avg_include_padding
                                                         : algorithm::pooling_avg_exclude_padding;
  }
  if (node.integer("ceil_mode", 0) != 0 || node.text("auto_pad", "NOTSET") != "NOTSET") {
    return no_kernel(node, "ceil_mode or auto_pad");
  }
  const auto kernel = node.integers("kernel_shape");
  const auto strides = node.integers("strides", {1, 1});
  const auto pads = node.integers("pads", {0, 0, 0, 0});
  const auto dilations = node.integers("dilations", {1, 1});
  w.dst = {src[0], src[1], 0, 0};
  for (std::size_t i = 0; i < 2; ++i) {
    w.kernel.push_back(kernel[i]);
    w.strides.push_back(strides[i]);
    w.dilates.push_back(dilations[i] - 1);
    w.begin.push_back(pads[i]);
    w.end.push_back(pads[i + 2]);
    const std::int64_t reach = (kernel[i] - 1) * dilations[i] + 1;
    const std::int64_t room = src[i + 2] + pads[i] + pads[i + 2] - reach;
    if (room < 0) {
      return Error(ErrorCode::kBadShape, "window is larger than its input " + to_text(src),
                   "node '" + node.name + "'");
    }
    w.dst[i + 2] = room / strides[i] + 1;
  }
  return w;
}

}  // namespace

Status lower_pool(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0];
  const std::string dst_name = node.outputs[0];
  const Ref src = b.value(src_name).data;
  TENBIN_TRY(const PoolWindow w, window_of(node, b.value(src_name).shape));
  Desc dst_desc =
      src.desc == plain_desc(b.value(src_name).shape) ? plain_desc(w.dst) : b.activation(w.dst);
  const auto kind = b.trains() ? prop_kind::forward_training : prop_kind::forward_inference;
  std::optional<Pool::primitive_desc> pd;
  for (const Desc& candidate : {dst_desc, Desc(dims_of(w.dst), kF32, Tag::any)}) {
    if (pd) break;
    pd = try_make<Pool::primitive_desc>([&] {
      return Pool::primitive_desc(Pool::desc(kind, w.choice, src.desc, candidate, w.strides,
                                             w.kernel, w.dilates, w.begin, w.end),
                                  user_scratch(), b.program().engine());
    });
  }
  if (!pd) {  // the plain kernel is correct, only slower
    pd = Pool::primitive_desc(Pool::desc(kind, w.choice, src.desc, dst_desc, w.strides, w.kernel,
                                         w.dilates, w.begin, w.end),
                              user_scratch(), b.program().engine());
  }
  const Ref dst = b.program().arena_ref(pd->dst_desc());
  const bool remembers = b.trains() && w.choice == algorithm::pooling_max;
  const Ref workspace = remembers ? b.program().arena_ref(pd->workspace_desc()) : Ref{};
  b.program().add(Pool(*pd),
                  {{DNNL_ARG_SRC, src}, {DNNL_ARG_DST, dst}, {DNNL_ARG_WORKSPACE, workspace}},
                  pd->scratchpad_desc(), std::string("pool:") + pd->impl_info_str());
  b.define(dst_name, w.dst, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, w, src, src_name, dst_name, workspace, hint = *pd]() -> Status {
    Builder::Value& source = b.value(src_name);
    if (!source.wants_gradient) return {};
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, hint.dst_desc()));
    const PoolBack::primitive_desc back(PoolBack::desc(w.choice, src.desc, diff_dst.desc, w.strides,
                                                       w.kernel, w.dilates, w.begin, w.end),
                                        user_scratch(), b.program().engine(), hint);
    const Ref diff_src = b.program().arena_ref(src.desc);
    b.program().add(PoolBack(back),
                    {{DNNL_ARG_DIFF_DST, diff_dst},
                     {DNNL_ARG_DIFF_SRC, diff_src},
                     {DNNL_ARG_WORKSPACE, workspace}},
                    back.scratchpad_desc(), std::string("pool_bwd:") + back.impl_info_str());
    return b.add_gradient(source, diff_src, false);
  });
  return {};
}

Status lower_norm(Builder& b, const OpCall& node) {
  using Flags = dnnl::normalization_flags;
  const std::string src_name = node.inputs[0];
  const std::string dst_name = node.outputs[0];
  const Builder::Value source = b.value(src_name);
  const Ref src = source.data;
  const std::int64_t channels = source.shape[1];
  const Desc vector({channels}, kF32, Tag::a);
  const int scale = b.parameters().declare(node.inputs[1], vector, vector, false);
  const int shift = b.parameters().declare(node.inputs[2], vector, vector, false);
  const int mean = b.parameters().declare(node.inputs[3], vector, vector, false);
  const int variance = b.parameters().declare(node.inputs[4], vector, vector, false);
  b.parameters()[mean].trained = b.parameters()[variance].trained = false;
  const float epsilon = node.number("epsilon", 1e-5F);
  b.parameters()[mean].momentum = b.parameters()[variance].momentum =
      node.number("momentum", 0.9F);
  Flags flags = Flags::use_scale | Flags::use_shift;
  if (!b.trains()) flags |= Flags::use_global_stats;
  const auto kind = b.trains() ? prop_kind::forward_training : prop_kind::forward_inference;
  const Norm::primitive_desc pd(Norm::desc(kind, src.desc, epsilon, flags), user_scratch(),
                                b.program().engine());
  const Ref dst = b.program().arena_ref(src.desc);
  if (b.parameter_memory == nullptr) {
    b.define(dst_name, source.shape, dst);
    return {};
  }
  // A step leaves the statistics of its rows where a gradient would lie; the update averages them.
  const Ref batch_mean = b.trains() ? b.gradient(mean) : b.weights(mean);
  const Ref batch_variance = b.trains() ? b.gradient(variance) : b.weights(variance);
  b.program().add(Norm(pd),
                  {{DNNL_ARG_SRC, src},
                   {DNNL_ARG_DST, dst},
                   {DNNL_ARG_MEAN, batch_mean},
                   {DNNL_ARG_VARIANCE, batch_variance},
                   {DNNL_ARG_SCALE, b.weights(scale)},
                   {DNNL_ARG_SHIFT, b.weights(shift)}},
                  pd.scratchpad_desc(), std::string("norm:") + pd.impl_info_str());
  b.define(dst_name, source.shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, src, src_name, dst_name, batch_mean, batch_variance, scale, shift, epsilon,
                 flags, hint = pd]() -> Status {
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, src.desc));
    const NormBack::primitive_desc back(
        NormBack::desc(prop_kind::backward, diff_dst.desc, src.desc, epsilon, flags),
        user_scratch(), b.program().engine(), hint);
    const Ref diff_src = b.program().arena_ref(src.desc);
    b.program().add(NormBack(back),
                    {{DNNL_ARG_SRC, src},
                     {DNNL_ARG_MEAN, batch_mean},
                     {DNNL_ARG_VARIANCE, batch_variance},
                     {DNNL_ARG_DIFF_DST, diff_dst},
                     {DNNL_ARG_SCALE, b.weights(scale)},
                     {DNNL_ARG_SHIFT, b.weights(shift)},
                     {DNNL_ARG_DIFF_SRC, diff_src},
                     {DNNL_ARG_DIFF_SCALE, b.gradient(scale)},
                     {DNNL_ARG_DIFF_SHIFT, b.gradient(shift)}},
                    back.scratchpad_desc(), std::string("norm_bwd:") + back.impl_info_str());
    return b.add_gradient(b.value(src_name), diff_src, false);
  });
  return {};
}

}  // namespace tenbin::dnn

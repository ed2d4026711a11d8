// SPDX-License-Identifier: Apache-2.0
// Batch normalisation.
#include "engine/dnn/builder.h"

namespace tenbin::dnn {
namespace {

using dnnl::prop_kind;
using Norm = dnnl::batch_normalization_forward;
using NormBack = dnnl::batch_normalization_backward;
constexpr auto kF32 = dnnl::memory::data_type::f32;
using Tag = dnnl::memory::format_tag;

}  // namespace

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
  b.parameters()[mean].momentum = b.parameters()[variance].momentum = node.number("momentum", 0.9F);
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

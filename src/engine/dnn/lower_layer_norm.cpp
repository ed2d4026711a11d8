// SPDX-License-Identifier: Apache-2.0
// Layer normalisation over the last axes.
#include "engine/dnn/builder.h"
#include "graph/schema.h"

namespace tenbin::dnn {
namespace {

using dnnl::prop_kind;
using Norm = dnnl::layer_normalization_forward;
using NormBack = dnnl::layer_normalization_backward;
using Flags = dnnl::normalization_flags;

}  // namespace

Status lower_layer_norm(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0], dst_name = node.outputs[0];
  const Builder::Value source = b.value(src_name);
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (!node.outputs[i].empty()) return no_kernel(node, "statistics as results");
  }
  TENBIN_TRY(const std::size_t axis, normal_axis(node.integer("axis", -1), source.shape.size()));
  const Shape normed(source.shape.begin() + static_cast<std::ptrdiff_t>(axis), source.shape.end());
  const std::int64_t size = count_of(normed), rows = count_of(source.shape) / size;
  const bool has_shift = node.inputs.size() > 2 && !node.inputs[2].empty();
  const Desc vector = plain_desc({size}), flat = plain_desc({rows, size});
  const int scale = b.parameters().declare(node.inputs[1], vector, vector, false);
  const int shift = has_shift ? b.parameters().declare(node.inputs[2], vector, vector, false) : -1;
  TENBIN_TRY(const Ref laid, b.plain(source));
  const Ref src{laid.buffer, flat};
  const Ref dst = b.program().arena_ref(plain_desc(source.shape));
  b.define(dst_name, source.shape, dst);
  if (b.parameter_memory == nullptr) return {};  // the pass that only finds out layouts
  const float epsilon = node.number("epsilon", 1e-5F);
  const Flags flags = has_shift ? Flags::use_scale | Flags::use_shift : Flags::use_scale;
  const auto kind = b.trains() ? prop_kind::forward_training : prop_kind::forward_inference;
  const Norm::primitive_desc pd(Norm::desc(kind, flat, epsilon, flags), user_scratch(),
                                b.program().engine());
  const Ref mean = b.trains() ? b.program().arena_ref(pd.mean_desc()) : Ref{};
  const Ref variance = b.trains() ? b.program().arena_ref(pd.variance_desc()) : Ref{};
  b.program().add(Norm(pd),
                  {{DNNL_ARG_SRC, src},
                   {DNNL_ARG_DST, {dst.buffer, flat}},
                   {DNNL_ARG_MEAN, mean},
                   {DNNL_ARG_VARIANCE, variance},
                   {DNNL_ARG_SCALE, b.weights(scale)},
                   {DNNL_ARG_SHIFT, has_shift ? b.weights(shift) : Ref{}}},
                  pd.scratchpad_desc(), std::string("layer_norm:") + pd.impl_info_str());
  if (!b.trains()) return {};
  b.on_backward([&b, src_name, dst_name, src, dst, flat, mean, variance, scale, shift, epsilon,
                 flags, hint = pd]() -> Status {
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, dst.desc));
    const NormBack::primitive_desc back(
        NormBack::desc(prop_kind::backward, flat, flat, epsilon, flags), user_scratch(),
        b.program().engine(), hint);
    const Ref diff_src = b.program().arena_ref(dst.desc);
    b.program().add(NormBack(back),
                    {{DNNL_ARG_SRC, src},
                     {DNNL_ARG_MEAN, mean},
                     {DNNL_ARG_VARIANCE, variance},
                     {DNNL_ARG_DIFF_DST, {diff_dst.buffer, flat}},
                     {DNNL_ARG_SCALE, b.weights(scale)},
                     {DNNL_ARG_SHIFT, shift >= 0 ? b.weights(shift) : Ref{}},
                     {DNNL_ARG_DIFF_SRC, {diff_src.buffer, flat}},
                     {DNNL_ARG_DIFF_SCALE, b.gradient(scale)},
                     {DNNL_ARG_DIFF_SHIFT, shift >= 0 ? b.gradient(shift) : Ref{}}},
                    back.scratchpad_desc(), std::string("layer_norm_bwd:") + back.impl_info_str());
    return b.add_gradient(b.value(src_name), diff_src, false);
  });
  return {};
}

}  // namespace tenbin::dnn

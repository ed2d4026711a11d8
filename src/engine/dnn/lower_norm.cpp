// SPDX-License-Identifier: Apache-2.0
// Batch normalisation.
#include "engine/dnn/builder.h"
#include "engine/kernels/norm.h"
#include "engine/kernels/simd.h"

namespace tenbin::dnn {
namespace {

using dnnl::prop_kind;
using Norm = dnnl::batch_normalization_forward;
using NormBack = dnnl::batch_normalization_backward;
constexpr auto kF32 = dnnl::memory::data_type::f32;
using Tag = dnnl::memory::format_tag;

constexpr auto kHalf = dnnl::memory::data_type::bf16;
template <class T> T* as(float* memory) { return reinterpret_cast<T*>(memory); }
const kernels::Norm& norm_of(const KernelArgs& a) {
  return *static_cast<const kernels::Norm*>(a.state);
}

// src, mean, variance.
template <class T> void statistics_kernel(const KernelArgs& a) {
  kernels::norm_statistics(norm_of(a), as<T>(a.p[0]), a.p[1], a.p[2]);
}
// src, dst, gamma, beta, mean, variance.
template <class T> void apply_kernel(const KernelArgs& a) {
  kernels::norm_apply(norm_of(a), {a.p[2], a.p[3], a.p[4], a.p[5]}, as<T>(a.p[0]), as<T>(a.p[1]));
}
// src, diff_dst, diff_src, gamma, diff_gamma, diff_beta; beta, mean and variance lie in `vectors`.
struct BackwardState {
  kernels::Norm norm;
  kernels::NormVectors vectors;
};
template <class T> void backward_kernel(const KernelArgs& a) {
  const auto& state = *static_cast<const BackwardState*>(a.state);
  kernels::norm_backward(state.norm, state.vectors, as<T>(a.p[0]), as<T>(a.p[1]), a.p[4], a.p[5],
                         as<T>(a.p[2]));
}

struct NormParameters {
  int gamma, beta, mean, variance;
};

// How our own kernels see values that lie as `desc`; nothing when they do not take them.
std::optional<kernels::Groups> groups_of(const Builder& b, const Shape& shape, const Desc& desc) {
  if (shape.size() != 4 || shape[1] % 16 != 0 || !b.has_own_kernels()) return std::nullopt;
  const kernels::Groups planes{shape[1] / 16, false};
  if (desc == Desc(dims_of(shape), desc.data_type(), Tag::nChw16c)) return planes;
  if (desc == Desc(dims_of(shape), desc.data_type(), Tag::nhwc)) {
    return kernels::Groups{planes.count, true};
  }
  return std::nullopt;
}

Status lower_own_norm(Builder& b, const OpCall& node, const kernels::Groups& groups,
                      const NormParameters& p) {
  const std::string src_name = node.inputs[0];
  std::string dst_name = node.outputs[0];
  const Builder::Value source = b.value(src_name);
  const Ref src = source.data;
  const bool half = src.desc.data_type() == kHalf;
  dnnl::primitive_attr attributes;  // of a primitive that is not made: the kernel clamps itself
  kernels::Norm norm{source.shape[0], groups, source.shape[2] * source.shape[3],
                     node.number("epsilon", 1e-5F), false};
  norm.relu = fuse_relu(b, dst_name, source.shape, src.desc, attributes);
  const Ref dst = b.program().arena_ref(src.desc);
  b.define(dst_name, source.shape, dst);
  if (b.parameter_memory == nullptr) return {};  // the pass that only finds out layouts
  KernelArgs args;
  args.state = b.program().keep(std::make_shared<kernels::Norm>(norm));
  // A step leaves the statistics of its rows where a gradient would lie; the update averages them.
  const Ref mean = b.trains() ? b.gradient(p.mean) : b.weights(p.mean);
  const Ref variance = b.trains() ? b.gradient(p.variance) : b.weights(p.variance);
  if (b.trains()) {
    b.program().add(half ? statistics_kernel<kernels::Bfloat16> : statistics_kernel<float>, args,
                    {src, mean, variance});
  }
  b.program().add(half ? apply_kernel<kernels::Bfloat16> : apply_kernel<float>, args,
                  {src, dst, b.weights(p.gamma), b.weights(p.beta), mean, variance},
                  norm.relu ? "norm_relu:own:avx512" : "norm:own:avx512");
  if (!b.trains()) return {};
  b.on_backward([&b, src_name, dst_name, src, norm, mean, variance, p, half]() -> Status {
    const Builder::Value& result = b.value(dst_name);
    TENBIN_TRY(const Ref diff_dst, b.as(result.gradient, src.desc));
    const bool in_place = !result.shared_gradient || diff_dst.buffer != result.gradient.buffer;
    const Ref diff_src = in_place ? diff_dst : b.program().arena_ref(src.desc);
    // Parameters and their gradients do not move: their places are known now.
    const auto at = [&b](const Ref& ref) { return b.program().data(ref.buffer); };
    BackwardState state{norm,
                        {at(b.weights(p.gamma)), at(b.weights(p.beta)), at(mean), at(variance)}};
    KernelArgs back;
    back.state = b.program().keep(std::make_shared<BackwardState>(state));
    b.program().add(
        half ? backward_kernel<kernels::Bfloat16> : backward_kernel<float>, back,
        {src, diff_dst, diff_src, b.weights(p.gamma), b.gradient(p.gamma), b.gradient(p.beta)},
        "norm_bwd:own:avx512");
    return b.add_gradient(b.value(src_name), diff_src, false);
  });
  return {};
}

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
  if (const auto groups = groups_of(b, source.shape, src.desc)) {
    return lower_own_norm(b, node, *groups, {scale, shift, mean, variance});
  }
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

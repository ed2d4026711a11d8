// SPDX-License-Identifier: Apache-2.0
// Convolution of a few channels of the input, ReLU and 2x2 maximum as one step of our own.
#include "engine/dnn/lower_conv.h"
#include "engine/kernels/conv_pool.h"
#include "engine/kernels/simd.h"

namespace tenbin::dnn {
namespace {

constexpr std::int64_t kMostChannels = 4;
constexpr auto kF32 = dnnl::memory::data_type::f32;

const kernels::ConvPool& shape_of(const KernelArgs& a) {
  return *static_cast<const kernels::ConvPool*>(a.state);
}
template <class T> T* as(float* memory) { return reinterpret_cast<T*>(memory); }

// src, weights, bias, dst, places.
template <class T> void forward_kernel(const KernelArgs& a) {
  kernels::conv_pool(shape_of(a), a.p[0], a.p[1], a.p[2], as<T>(a.p[3]), as<std::uint8_t>(a.p[4]));
}
// src, diff_dst, places, workspace, diff_weights, diff_bias.
template <class T> void backward_kernel(const KernelArgs& a) {
  kernels::conv_pool_backward(shape_of(a), a.p[0], as<T>(a.p[1]), as<std::uint8_t>(a.p[2]), a.p[3],
                              a.p[4], a.p[5]);
}

std::optional<kernels::ConvPool> stage_of(const Builder::Value& source, const ConvShapes& s) {
  const bool steps_by_one =
      s.window.strides == dnnl::memory::dims{1, 1} && s.window.dilates == dnnl::memory::dims{0, 0};
  if (!steps_by_one || s.src.size() != 4 || s.weight_dims.size() != 4 || s.src[1] > kMostChannels)
    return std::nullopt;
  if (source.wants_gradient || source.data.desc != plain_desc(s.src)) return std::nullopt;
  kernels::ConvPool stage;
  stage.batch = s.src[0];
  stage.in = s.src[1];
  stage.height = s.src[2];
  stage.width = s.src[3];
  stage.out = s.dst[1];
  stage.kernel_height = s.weight_dims[2];
  stage.kernel_width = s.weight_dims[3];
  stage.top = s.window.begin[0];
  stage.left = s.window.begin[1];
  stage.bottom = s.window.end[0];
  stage.right = s.window.end[1];
  return stage.fits() ? std::optional(stage) : std::nullopt;
}

}  // namespace

Result<bool> lower_conv_pool(Builder& b, const OpCall& node, const ConvShapes& s) {
  const OpCall* relu = b.only_consumer(node.outputs[0]);
  if (relu == nullptr || relu->op != "Relu" || !b.has_own_kernels()) return false;
  const OpCall* pool = pool_after_relu(b, *relu, s.dst, b.activation(s.dst));
  if (pool == nullptr || pool->integers("kernel_shape")[0] != 2) return false;
  auto stage = stage_of(b.value(node.inputs[0]), s);
  if (!stage) return false;
  stage->channels_last = b.options().layout == Layout::kChannelsLast;
  const bool half = b.options().type == dnnl::memory::data_type::bf16;
  const Desc weights_desc(dims_of(s.weight_dims), kF32, dnnl::memory::format_tag::Ohwi16o);
  const int weights = b.parameters().declare(node.inputs[1], s.plain_weights, weights_desc, true);
  if (b.parameters()[weights].desc != weights_desc) return false;
  const bool has_bias = node.inputs.size() > 2 && !node.inputs[2].empty();
  const Desc vector({s.dst[1]}, kF32, dnnl::memory::format_tag::a);
  const int bias = has_bias ? b.parameters().declare(node.inputs[2], vector, vector, false) : -1;
  b.absorb(relu);
  b.absorb(pool);
  const Shape shape = {s.dst[0], s.dst[1], stage->rows(), stage->columns()};
  const Ref dst = b.program().arena_ref(b.activation(shape));
  const std::string dst_name = pool->outputs[0];
  b.define(dst_name, shape, dst);
  if (b.parameter_memory == nullptr) return true;  // the pass that only finds out layouts
  KernelArgs args;
  args.state = b.program().keep(std::make_shared<kernels::ConvPool>(*stage));
  const Ref src = b.value(node.inputs[0]).data;
  const auto results = static_cast<std::size_t>(count_of(shape));
  const Ref places = b.trains() ? Ref{b.program().arena_buffer(results), {}} : Ref{};
  b.program().add(half ? forward_kernel<kernels::Bfloat16> : forward_kernel<float>, args,
                  {src, b.weights(weights), has_bias ? b.weights(bias) : Ref{}, dst, places},
                  "conv_relu_pool:own:avx512");
  if (!b.trains()) return true;
  b.on_backward([&b, args, src, dst, dst_name, places, weights, bias, half]() -> Status {
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, dst.desc));
    const auto& of = *static_cast<const kernels::ConvPool*>(args.state);
    const auto floats = static_cast<std::size_t>(of.workspace_floats());
    const Ref workspace{b.program().arena_buffer(floats * sizeof(float)), {}};
    b.program().add(half ? backward_kernel<kernels::Bfloat16> : backward_kernel<float>, args,
                    {src, diff_dst, places, workspace, b.gradient(weights),
                     bias >= 0 ? b.gradient(bias) : Ref{}},
                    "conv_relu_pool_bwd:own:avx512");
    return {};
  });
  return true;
}

}  // namespace tenbin::dnn

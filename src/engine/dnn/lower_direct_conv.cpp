// SPDX-License-Identifier: Apache-2.0
// Convolution with constant weights by our own kernels for AVX2.
#include <algorithm>

#include "engine/dnn/image_window.h"
#include "engine/dnn/lower_conv.h"
#include "engine/kernels/direct_conv.h"

namespace tenbin::dnn {
namespace {

using kernels::DirectConv;
using kernels::DirectConvShape;

// src, packed, workspace, dst.
void direct_kernel(const KernelArgs& a) {
  static_cast<const DirectConv*>(a.state)->run(a.p[0], a.p[1], a.p[2], a.p[3]);
}

std::optional<DirectConvShape> shape_for(const Builder& b, const ConvShapes& s, const Desc& src) {
  constexpr std::int64_t kBlock = kernels::TileGemm::kBlock;
  if (b.options().mode != Mode::kInfer || !b.has_avx2_kernels() ||
      b.options().layout != Layout::kBlocked || b.options().type != dnnl::memory::data_type::f32) {
    return std::nullopt;
  }
  const bool grouped = s.weight_dims.size() > s.src.size();
  const dnnl::memory::dims kernel(s.weight_dims.end() - (std::ssize(s.src) - 2),
                                  s.weight_dims.end());
  DirectConvShape d{
      image_window(s.src, s.dst, {kernel, s.window.strides, s.window.dilates, s.window.begin})};
  d.batch = s.src[0];
  d.groups = grouped ? s.weight_dims[0] : 1;
  d.in = s.src[1];
  d.out = s.dst[1];
  d.planes = d.in < kBlock && src == plain_desc(s.src);
  // A table of all pixels goes with the plan.
  constexpr std::int64_t kMostPixels = 1 << 20;
  if (d.out_height * d.out_width > kMostPixels) return std::nullopt;
  const bool whole_groups = d.in / d.groups % kBlock == 0 && d.out / d.groups % kBlock == 0;
  if (d.groups > 1 && !whole_groups) return std::nullopt;
  return d;
}

}  // namespace

Result<bool> lower_direct_conv(Builder& b, const OpCall& node, const ConvShapes& s) {
  const auto shape = shape_for(b, s, b.value(node.inputs[0]).data.desc);
  const bool has_bias = node.inputs.size() > 2 && !node.inputs[2].empty();
  const Tensor* const bias = has_bias ? b.constant(node.inputs[2]) : nullptr;
  if (!shape || (has_bias && bias == nullptr)) return false;
  const std::string src_name = node.inputs[0];
  std::string dst_name = node.outputs[0];
  dnnl::primitive_attr attributes;  // of a primitive that is not made: the kernel clamps itself
  const bool relu = fuse_relu(b, dst_name, s.dst, b.activation(s.dst), attributes);
  const Ref dst = b.program().arena_ref(b.activation(s.dst));
  b.define(dst_name, s.dst, dst);
  if (b.parameter_memory == nullptr) return true;  // the pass that only finds out layouts
  Ref src = b.value(src_name).data;
  if (!shape->planes) {
    TENBIN_TRY(src, b.as(src, b.activation(s.src)));
  }
  const auto conv = std::make_shared<DirectConv>(*shape, relu);
  const auto packed = conv->pack(b.constant(node.inputs[1])->data<float>(),
                                 bias == nullptr ? std::span<const float>{} : bias->data<float>());
  const Ref weights{b.program().constant_buffer(packed), {}};
  const auto floats = static_cast<std::size_t>(std::max<std::int64_t>(conv->workspace_floats(), 1));
  const Ref workspace{b.program().arena_buffer(floats * sizeof(float)), {}};
  KernelArgs args;
  args.state = b.program().keep(conv);
  b.program().add(direct_kernel, args, {src, weights, workspace, dst}, "conv:own_direct:avx2");
  return true;
}

}  // namespace tenbin::dnn

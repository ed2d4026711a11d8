// SPDX-License-Identifier: Apache-2.0
// The gradient of depthwise weights where oneDNN would leave the blocks of channels for it.
#include "engine/dnn/lower_conv.h"
#include "engine/kernels/depthwise.h"

namespace tenbin::dnn {
namespace {

using Tag = dnnl::memory::format_tag;
constexpr auto kF32 = dnnl::memory::data_type::f32;

// src, diff_dst, diff_weights.
void gradient_kernel(const KernelArgs& a) {
  kernels::depthwise_gradient(*static_cast<const kernels::Depthwise*>(a.state), a.p[0], a.p[1],
                              a.p[2]);
}

}  // namespace

bool emit_depthwise_gradient(Builder& b, const ConvShapes& s, const Ref& src, const Ref& diff_dst,
                             int weights) {
  const auto is_blocked = [](const Ref& ref, const Shape& shape) {
    return ref.desc == Desc(dims_of(shape), kF32, Tag::nChw16c);
  };
  const Shape& w = s.weight_dims;
  const bool depthwise = s.src.size() == 4 && w.size() == 5 && w[0] == s.src[1] && w[1] == 1 &&
                         w[2] == 1 && s.src[1] % 16 == 0 &&
                         s.window.dilates == dnnl::memory::dims{0, 0};
  if (!depthwise || !is_blocked(src, s.src) || !is_blocked(diff_dst, s.dst) ||
      b.parameters()[weights].desc != Desc(dims_of(w), kF32, Tag::Goihw16g)) {
    return false;
  }
  KernelArgs args;
  args.state = b.program().keep(std::make_shared<kernels::Depthwise>(kernels::Depthwise{
      s.src[0], s.src[1] / 16, s.src[2], s.src[3], s.dst[2], s.dst[3], w[3], w[4],
      s.window.strides[0], s.window.strides[1], s.window.begin[0], s.window.begin[1]}));
  b.program().add(gradient_kernel, args, {src, diff_dst, b.gradient(weights)},
                  "conv_bwd_w:own_depthwise");
  return true;
}

}  // namespace tenbin::dnn

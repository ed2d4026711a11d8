// SPDX-License-Identifier: Apache-2.0
// Convolution 3x3 by our own Winograd kernels.
#include <algorithm>

#include "engine/dnn/lower_conv.h"
#include "engine/kernels/winograd_tiles.h"

namespace tenbin::dnn {
namespace {

using kernels::Winograd;
using Tag = dnnl::memory::format_tag;
constexpr auto kF32 = dnnl::memory::data_type::f32;
constexpr std::int64_t kMostChannels = 512;  // above, a weight is not used often enough a block

const Winograd& shape_of(const KernelArgs& a) { return *static_cast<const Winograd*>(a.state); }

// weights, packed, turned (only backwards).
void weights_kernel(const KernelArgs& a) { kernels::winograd_weights(shape_of(a), a.p[0], a.p[1]); }
void weights_backward_kernel(const KernelArgs& a) {
  kernels::winograd_weights_backward(shape_of(a), a.p[0], a.p[2], a.p[1]);
}
// src, packed, bias, workspace, dst.
void tiles_kernel(const KernelArgs& a) {
  static_cast<const kernels::WinogradTiles*>(a.state)->run(a.p[0], a.p[1], a.p[2], a.p[3], a.p[4]);
}
// src, packed, bias, workspace, dst; n: whether a ReLU follows.
void forward_kernel(const KernelArgs& a) {
  kernels::winograd(shape_of(a), a.p[0], a.p[1], a.p[2], a.n[0] != 0, a.p[3], a.p[4]);
}
// diff_dst, packed, workspace, diff_src.
void source_kernel(const KernelArgs& a) {
  kernels::winograd(shape_of(a).backward(), a.p[0], a.p[1], nullptr, false, a.p[2], a.p[3]);
}
// src, diff_dst, workspace, diff_weights, diff_bias.
void gradient_kernel(const KernelArgs& a) {
  kernels::winograd_gradient(shape_of(a), a.p[0], a.p[1], a.p[2], a.p[3], a.p[4]);
}

std::optional<Winograd> shape_for(const Builder& b, const ConvShapes& s) {
  const bool narrow = b.has_avx2_kernels() && b.options().mode == Mode::kInfer;
  const bool wanted = b.options().convolution == ConvChoice::kWinograd &&
                      (b.has_own_kernels() || narrow) && b.options().layout == Layout::kBlocked &&
                      b.options().type == kF32;
  const std::int64_t block = b.channel_block();
  const bool fits = s.src.size() == 4 && s.weight_dims.size() == 4 && s.weight_dims[2] == 3 &&
                    s.weight_dims[3] == 3 && s.window.strides == dnnl::memory::dims{1, 1} &&
                    s.window.dilates == dnnl::memory::dims{0, 0} && s.src[1] % block == 0 &&
                    s.dst[1] % block == 0 && std::max(s.src[1], s.dst[1]) <= kMostChannels;
  if (!wanted || !fits) return std::nullopt;
  const auto& begin = s.window.begin;
  const auto& end = s.window.end;
  for (const std::int64_t pad : {begin[0], begin[1], end[0], end[1]}) {
    if (pad < 0 || pad > 2) return std::nullopt;
  }
  const Winograd shape{s.src[0], s.src[1], s.dst[1], s.src[2], s.src[3],
                       begin[0], begin[1], end[0],   end[1]};
  return shape.pays() ? std::optional(shape) : std::nullopt;
}

Ref buffer_of(Builder& b, std::int64_t floats) {
  return {b.program().arena_buffer(static_cast<std::size_t>(floats) * sizeof(float)), {}};
}

// Constant weights [out, in, 3, 3] as [3, 3, in, out].
std::vector<float> turned_weights(const Builder& b, const std::string& name,
                                  const Winograd& shape) {
  const auto given = b.constant(name)->data<float>();
  const std::int64_t plane = shape.in * shape.out;
  std::vector<float> turned(given.size());
  for (std::int64_t o = 0; o < shape.out; ++o) {
    for (std::int64_t rest = 0; rest < shape.in * 9; ++rest) {
      turned[static_cast<std::size_t>(rest % 9 * plane + rest / 9 * shape.out + o)] =
          given[static_cast<std::size_t>(o * shape.in * 9 + rest)];
    }
  }
  return turned;
}

// Emits the packing of the weights, or packs them now when they never change.
Result<Ref> packed_weights(Builder& b, const std::string& name, const Ref& weights,
                           const KernelArgs& args) {
  const Winograd& shape = shape_of(args);
  if (b.options().mode != Mode::kInfer) {
    const Ref packed = buffer_of(b, shape.weight_floats());
    b.program().add(weights_kernel, args, {weights, packed});
    return packed;
  }
  const std::vector<float> turned = turned_weights(b, name, shape);
  std::vector<float> packed(static_cast<std::size_t>(shape.weight_floats()));
  kernels::winograd_weights(shape, turned.data(), packed.data());
  return Ref{b.program().constant_buffer(packed), {}};
}

struct Emitted {
  KernelArgs args;
  Desc weights_desc;
  Ref src, dst;
  std::string src_name, dst_name;
  int weights = -1, bias = -1;
  bool relu = false;
};

Status emit_backward(Builder& b, const Emitted& e) {
  const Winograd& shape = shape_of(e.args);
  const Builder::Value& result = b.value(e.dst_name);
  TENBIN_TRY(const Ref diff_dst,
             e.relu ? gradient_under_relu(b, result, e.dst) : b.as(result.gradient, e.dst.desc));
  const bool direct = b.parameters()[e.weights].desc == e.weights_desc;
  const Ref into = direct ? b.gradient(e.weights) : b.program().arena_ref(e.weights_desc);
  b.program().add(gradient_kernel, e.args,
                  {e.src, diff_dst, buffer_of(b, shape.gradient_workspace_floats()), into,
                   e.bias >= 0 ? b.gradient(e.bias) : Ref{}},
                  "conv_bwd_w:own_winograd:avx512");
  if (!direct) TENBIN_CHECK(b.program().add_reorder(into, b.gradient(e.weights)));
  Builder::Value& source = b.value(e.src_name);
  if (!source.wants_gradient) return {};
  TENBIN_TRY(const Ref weights, b.as(b.weights(e.weights), e.weights_desc));
  const Ref packed = buffer_of(b, shape.weight_floats());
  b.program().add(weights_backward_kernel, e.args,
                  {weights, packed, buffer_of(b, 9 * shape.in * shape.out)});
  const Ref diff_src = b.program().arena_ref(e.src.desc);
  b.program().add(source_kernel, e.args,
                  {diff_dst, packed, buffer_of(b, shape.backward().workspace_floats()), diff_src},
                  "conv_bwd_d:own_winograd:avx512");
  TENBIN_TRY(const Ref laid, b.as(diff_src, source.data.desc));
  return b.add_gradient(source, laid, false);
}

// Forwards on AVX2.
Result<bool> emit_tiles(Builder& b, const OpCall& node, const ConvShapes& s, const Winograd& shape,
                        const Emitted& e) {
  const auto tiles = std::make_shared<kernels::WinogradTiles>(shape, e.relu);
  const bool has_bias = node.inputs.size() > 2 && !node.inputs[2].empty();
  Ref bias;
  if (has_bias) {
    bias = {b.program().constant_buffer(b.constant(node.inputs[2])->data<float>()), {}};
  }
  const auto packed = tiles->pack(turned_weights(b, node.inputs[1], shape).data());
  TENBIN_TRY(const Ref src, b.as(b.value(e.src_name).data, b.activation(s.src)));
  KernelArgs args;
  args.state = b.program().keep(tiles);
  b.program().add(tiles_kernel, args,
                  {src, Ref{b.program().constant_buffer(packed), {}}, bias,
                   buffer_of(b, tiles->workspace_floats()), e.dst},
                  "conv:own_winograd:avx2");
  return true;
}

}  // namespace

Result<bool> lower_winograd(Builder& b, const OpCall& node, const ConvShapes& s) {
  const auto shape = shape_for(b, s);
  if (!shape) return false;
  Emitted e;
  e.src_name = node.inputs[0];
  e.dst_name = node.outputs[0];
  e.weights_desc = Desc(dims_of(s.weight_dims), kF32, Tag::hwio);
  const bool has_bias = node.inputs.size() > 2 && !node.inputs[2].empty();
  const Desc vector({s.dst[1]}, kF32, Tag::a);
  if (b.options().mode != Mode::kInfer) {
    e.weights = b.parameters().declare(node.inputs[1], s.plain_weights, e.weights_desc, true);
    if (has_bias) e.bias = b.parameters().declare(node.inputs[2], vector, vector, false);
  }
  const Desc dst_desc = b.activation(s.dst);
  dnnl::primitive_attr attributes;  // of a primitive that is not made: the kernel clamps itself
  e.relu = fuse_relu(b, e.dst_name, s.dst, dst_desc, attributes);
  e.dst = b.program().arena_ref(dst_desc);
  b.define(e.dst_name, s.dst, e.dst).kept = e.relu && b.trains();
  const bool constant = b.options().mode == Mode::kInfer;
  if (b.parameter_memory == nullptr) return true;  // the pass that only finds out layouts
  if (!b.has_own_kernels()) return emit_tiles(b, node, s, *shape, e);
  e.args.state = b.program().keep(std::make_shared<Winograd>(*shape));
  e.args.n[0] = e.relu ? 1 : 0;
  TENBIN_TRY(e.src, b.as(b.value(e.src_name).data, b.activation(s.src)));
  Ref weights, bias;
  if (constant) {
    if (has_bias) {
      bias = {b.program().constant_buffer(b.constant(node.inputs[2])->data<float>()), {}};
    }
  } else {
    TENBIN_TRY(weights, b.as(b.weights(e.weights), e.weights_desc));
    if (has_bias) bias = b.weights(e.bias);
  }
  TENBIN_TRY(const Ref packed, packed_weights(b, node.inputs[1], weights, e.args));
  b.program().add(forward_kernel, e.args,
                  {e.src, packed, bias, buffer_of(b, shape->workspace_floats()), e.dst},
                  "conv:own_winograd:avx512");
  if (b.trains()) b.on_backward([&b, e]() -> Status { return emit_backward(b, e); });
  return true;
}

}  // namespace tenbin::dnn

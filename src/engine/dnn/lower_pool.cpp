// SPDX-License-Identifier: Apache-2.0
// Pooling: our own kernel for windows that do not overlap, with the ReLU before it; else oneDNN.
#include <algorithm>

#include "engine/dnn/image_window.h"
#include "engine/dnn/lower_pool.h"
#include "engine/kernels/pool.h"
#include "engine/kernels/simd.h"
#include "engine/kernels/window_pool.h"

namespace tenbin::dnn {
namespace {

using dnnl::algorithm;
using dnnl::prop_kind;
using Pool = dnnl::pooling_v2_forward;
using PoolBack = dnnl::pooling_v2_backward;
using Tag = dnnl::memory::format_tag;

// n: batch, groups of channels, height, width, size, flags. Forward: dst, src, places; backward:
// diff_src, diff_dst, places.
constexpr std::int64_t kRelu = 1, kChannelsLast = 2;
kernels::Pool pool_of(const KernelArgs& a) {
  return {a.n[0], {a.n[1], (a.n[5] & kChannelsLast) != 0}, a.n[2], a.n[3], a.n[4]};
}
template <class T> T* as(float* memory) { return reinterpret_cast<T*>(memory); }
template <class T> void own_pool(const KernelArgs& a) {
  kernels::max_pool(pool_of(a), as<T>(a.p[1]), as<T>(a.p[0]), as<std::uint8_t>(a.p[2]),
                    (a.n[5] & kRelu) != 0);
}
template <class T> void own_pool_backward(const KernelArgs& a) {
  kernels::max_pool_backward(pool_of(a), as<T>(a.p[1]), as<std::uint8_t>(a.p[2]), as<T>(a.p[0]));
}

// Whether our own kernel takes this pooling of values that lie as `src`.
bool is_simple(const Builder& b, const OpCall& node, const Shape& shape, const Desc& src) {
  if (node.op != "MaxPool" || shape.size() != 4 || !b.has_own_kernels()) return false;
  const bool blocked = src == Desc(dims_of(shape), src.data_type(), Tag::nChw16c);
  const bool last = src == Desc(dims_of(shape), src.data_type(), Tag::nhwc) && shape[1] % 16 == 0;
  if (!blocked && !last) return false;
  const auto kernel = node.integers("kernel_shape");
  const auto zero = [](std::int64_t pad) { return pad == 0; };
  const auto pads = node.integers("pads", {0, 0, 0, 0});
  return kernel.size() == 2 && kernel[0] == kernel[1] && kernel[0] > 1 && kernel[0] < 16 &&
         node.integers("strides", {1, 1}) == kernel &&
         std::all_of(pads.begin(), pads.end(), zero) &&
         node.integers("dilations", {1, 1}) == std::vector<std::int64_t>{1, 1} &&
         node.integer("ceil_mode", 0) == 0 && node.text("auto_pad", "NOTSET") == "NOTSET" &&
         shape[2] >= kernel[0] && shape[3] >= kernel[0];
}

Status emit_own_pool(Builder& b, const OpCall& node, const std::string& src_name, bool relu) {
  const Builder::Value source = b.value(src_name);
  const Shape& s = source.shape;
  const std::int64_t size = node.integers("kernel_shape")[0];
  const Shape shape = {s[0], s[1], s[2] / size, s[3] / size};
  const bool last =
      source.data.desc != Desc(dims_of(s), source.data.desc.data_type(), Tag::nChw16c);
  const bool half = source.data.desc.data_type() == dnnl::memory::data_type::bf16;
  const Ref dst = b.program().arena_ref(
      Desc(dims_of(shape), source.data.desc.data_type(), last ? Tag::nhwc : Tag::nChw16c));
  const std::size_t results = dst.desc.get_size() / (half ? 2 : 4);
  const Ref places = b.trains() ? Ref{b.program().arena_buffer(results), {}} : Ref{};
  KernelArgs args;
  args.n[0] = s[0];
  args.n[1] = (s[1] + 15) / 16;
  args.n[2] = s[2];
  args.n[3] = s[3];
  args.n[4] = size;
  args.n[5] = (relu ? kRelu : 0) | (last ? kChannelsLast : 0);
  b.program().add(half ? own_pool<kernels::Bfloat16> : own_pool<float>, args,
                  {dst, source.data, places}, relu ? "relu_pool:own:avx512" : "pool:own:avx512");
  const std::string dst_name = node.outputs[0];
  b.define(dst_name, shape, dst);
  if (!b.trains()) return {};
  b.on_backward([&b, src_name, dst_name, src = source.data, dst, places, args, half]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, dst.desc));
    const Ref diff_src = b.program().arena_ref(src.desc);
    b.program().add(half ? own_pool_backward<kernels::Bfloat16> : own_pool_backward<float>, args,
                    {diff_src, diff_dst, places}, "pool_bwd:own:avx512");
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

// src, dst.
void window_kernel(const KernelArgs& a) {
  kernels::window_pool(*static_cast<const kernels::WindowPool*>(a.state), a.p[0], a.p[1]);
}

// Pools in blocks of eight channels, where nothing is learned; false: nothing was emitted.
bool emit_windows(Builder& b, const OpCall& node, const PoolWindow& w) {
  using kernels::WindowPool;
  const Builder::Value source = b.value(node.inputs[0]);
  const Desc blocks = typed(b.activation(source.shape), dnnl::memory::data_type::f32);
  if (b.trains() || !b.has_avx2_kernels() || b.options().layout != Layout::kBlocked ||
      source.data.desc != blocks) {
    return false;
  }
  WindowPool pool{image_window(source.shape, w.dst, {w.kernel, w.strides, w.dilates, w.begin})};
  if (w.choice == algorithm::pooling_avg_exclude_padding) pool.kind = WindowPool::Kind::kAverage;
  if (w.choice == algorithm::pooling_avg_include_padding) {
    pool.kind = WindowPool::Kind::kAverageWithPadding;
  }
  pool.planes = source.shape[0] * ((source.shape[1] + 7) / 8);
  const Ref dst = b.program().arena_ref(typed(b.activation(w.dst), dnnl::memory::data_type::f32));
  KernelArgs args;
  args.state = b.program().keep(std::make_shared<WindowPool>(pool));
  b.program().add(window_kernel, args, {source.data, dst}, "pool:own:avx2");
  b.define(node.outputs[0], w.dst, dst);
  return true;
}

}  // namespace

Result<PoolWindow> pool_window(const OpCall& node, const Shape& src) {
  if (src.size() != 3 && src.size() != 4) return no_kernel(node, "shape " + to_text(src));
  const std::size_t axes = src.size() - 2;  // of a line or an image
  using Sizes = std::vector<std::int64_t>;
  PoolWindow w;
  if (node.op.starts_with("Global")) {
    if (node.op == "GlobalAveragePool") w.choice = algorithm::pooling_avg_exclude_padding;
    w.kernel.assign(src.begin() + 2, src.end());
    w.strides.assign(axes, 1);
    w.dilates = w.begin = w.end = dnnl::memory::dims(axes, 0);
    w.dst = {src[0], src[1]};
    w.dst.resize(src.size(), 1);
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
  const auto strides = node.integers("strides", Sizes(axes, 1));
  const auto pads = node.integers("pads", Sizes(2 * axes, 0));
  const auto dilations = node.integers("dilations", Sizes(axes, 1));
  if (kernel.size() != axes || strides.size() != axes || pads.size() != 2 * axes ||
      dilations.size() != axes) {
    return no_kernel(node, "a window of other axes than " + to_text(src));
  }
  w.dst = {src[0], src[1]};
  for (std::size_t i = 0; i < axes; ++i) {
    w.kernel.push_back(kernel[i]);
    w.strides.push_back(strides[i]);
    w.dilates.push_back(dilations[i] - 1);
    w.begin.push_back(pads[i]);
    w.end.push_back(pads[i + axes]);
    const std::int64_t reach = (kernel[i] - 1) * dilations[i] + 1;
    const std::int64_t room = src[i + 2] + pads[i] + pads[i + axes] - reach;
    if (room < 0) {
      return Error(ErrorCode::kBadShape, "window is larger than its input " + to_text(src),
                   "node '" + node.name + "'");
    }
    w.dst.push_back(room / strides[i] + 1);
  }
  return w;
}

const OpCall* pool_after_relu(const Builder& b, const OpCall& relu, const Shape& shape,
                              const Desc& src) {
  const OpCall* next = relu.op == "Relu" ? b.only_consumer(relu.outputs[0]) : nullptr;
  return next != nullptr && is_simple(b, *next, shape, src) ? next : nullptr;
}

Status lower_relu_pool(Builder& b, const OpCall& relu, const OpCall& pool) {
  b.absorb(&pool);
  return emit_own_pool(b, pool, relu.inputs[0], true);
}

Status lower_pool(Builder& b, const OpCall& node) {
  const std::string src_name = node.inputs[0];
  if (is_simple(b, node, b.value(src_name).shape, b.value(src_name).data.desc)) {
    return emit_own_pool(b, node, src_name, false);
  }
  const std::string dst_name = node.outputs[0];
  const Ref src = b.value(src_name).data;
  TENBIN_TRY(const PoolWindow w, pool_window(node, b.value(src_name).shape));
  if (emit_windows(b, node, w)) return {};
  const bool plain = src.desc == plain_desc(b.value(src_name).shape);
  const Desc dst_desc =
      plain ? plain_desc(w.dst) : typed(b.activation(w.dst), src.desc.data_type());
  const auto kind = b.trains() ? prop_kind::forward_training : prop_kind::forward_inference;
  std::optional<Pool::primitive_desc> pd;
  for (const Desc& candidate : {dst_desc, Desc(dims_of(w.dst), src.desc.data_type(), Tag::any)}) {
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

}  // namespace tenbin::dnn

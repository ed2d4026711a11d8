// SPDX-License-Identifier: Apache-2.0
// Pooling, flattening and addition of values on grids.
#include <algorithm>

#include "engine/dnn/lower_pool.h"
#include "engine/dnn/quantised.h"
#include "engine/kernels/quantise.h"

namespace tenbin::dnn {
namespace {

using Type = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

// dst, src; n: batch, pixels, channels, zero; f: scale.
template <class T> void mean_kernel(const KernelArgs& a) {
  kernels::mean_of_pixels(a.p[0], reinterpret_cast<const T*>(a.p[1]), a.n[0], a.n[1], a.n[2],
                          a.f[0], static_cast<std::int32_t>(a.n[3]));
}

// The mean of all pixels leaves as floats: there are few of them.
Result<bool> mean_pool(Builder& b, const OpCall& node, const OnGrid& source, const Shape& shape) {
  const Shape out = {shape[0], shape[1], 1, 1};
  const Ref dst = b.program().arena_ref(plain_desc(out));
  KernelArgs args;
  args.n[0] = shape[0];
  args.n[1] = shape[2] * shape[3];
  args.n[2] = shape[1];
  args.n[3] = source.grid.zero;
  args.f[0] = source.grid.scale;
  const bool is_signed = source.data.desc.data_type() == Type::s8;
  b.program().add(is_signed ? mean_kernel<std::int8_t> : mean_kernel<std::uint8_t>, args,
                  {dst, source.data}, "mean_int8:own");
  b.define(node.outputs[0], out, dst);
  return true;
}

// dst, src; n: batch, height, width, channels, size.
template <class T> void max_kernel(const KernelArgs& a) {
  kernels::max_of_windows(reinterpret_cast<T*>(a.p[0]), reinterpret_cast<const T*>(a.p[1]),
                          {a.n[0], a.n[1], a.n[2], a.n[3], a.n[4]});
}

// Windows side by side, by our own kernel.
bool emit_side_by_side(Builder& b, const PoolWindow& w, const Ref& src, const Ref& dst,
                       const Shape& shape) {
  const auto all = [](const dnnl::memory::dims& sizes, std::int64_t value) {
    return std::all_of(sizes.begin(), sizes.end(), [&](auto size) { return size == value; });
  };
  const std::int64_t size = w.kernel[0];
  const bool plain = all(w.kernel, size) && all(w.strides, size) && all(w.dilates, 0) &&
                     all(w.begin, 0) && all(w.end, 0);
  if (!plain) return false;
  KernelArgs args;
  const std::int64_t sizes[] = {shape[0], shape[2], shape[3], shape[1], size};
  std::copy(std::begin(sizes), std::end(sizes), args.n);
  const bool is_signed = src.desc.data_type() == Type::s8;
  b.program().add(is_signed ? max_kernel<std::int8_t> : max_kernel<std::uint8_t>, args, {dst, src},
                  "pool_int8:own:avx512");
  return true;
}

// The largest of a window commutes with any grid.
Result<bool> max_pool(Builder& b, const OpCall& node, const OnGrid& source, const Shape& shape) {
  TENBIN_TRY(const PoolWindow w, pool_window(node, shape));
  if (shape.size() != 4) return false;
  using Pool = dnnl::pooling_v2_forward;
  const Type type = source.data.desc.data_type();
  const Ref held{source.data.buffer, Desc(dims_of(shape), type, Tag::nhwc)};
  const Ref made = b.program().arena_ref(Desc(dims_of(w.dst), type, Tag::nhwc));
  if (source.data.desc == held.desc && emit_side_by_side(b, w, held, made, shape)) {
    b.define(node.outputs[0], w.dst, {}).on_grid = OnGrid{made, source.grid, {}};
    return true;
  }
  const auto pd = try_make<Pool::primitive_desc>([&] {
    return Pool::primitive_desc(
        Pool::desc(dnnl::prop_kind::forward_inference, w.choice,
                   Desc(dims_of(shape), type, Tag::nhwc), Desc(dims_of(w.dst), type, Tag::nhwc),
                   w.strides, w.kernel, w.dilates, w.begin, w.end),
        user_scratch(), b.program().engine());
  });
  if (!pd) return false;
  TENBIN_TRY(const Ref src, b.as(source.data, pd->src_desc()));
  const Ref dst = b.program().arena_ref(pd->dst_desc());
  b.program().add(Pool(*pd), {{DNNL_ARG_SRC, src}, {DNNL_ARG_DST, dst}}, pd->scratchpad_desc(),
                  std::string("pool_int8:") + pd->impl_info_str());
  b.define(node.outputs[0], w.dst, {}).on_grid = OnGrid{dst, source.grid, {}};
  return true;
}

// Rows stay where they are; a reader that cares for the order of pixels is told.
Result<bool> flatten(Builder& b, const OpCall& node, const OnGrid& source, const Shape& shape) {
  if (source.pixels ||
      source.data.desc != Desc(dims_of(shape), source.data.desc.data_type(), Tag::nhwc)) {
    return false;
  }
  const Shape flat = {shape[0], count_of(shape) / shape[0]};
  const Ref seen{source.data.buffer, typed(plain_desc(flat), source.data.desc.data_type())};
  Builder::Value& value = b.define(node.outputs[0], flat, {});
  value.view = true;
  value.on_grid = OnGrid{seen, source.grid, {}};
  if (shape[2] * shape[3] > 1) value.on_grid->pixels = shape;
  return true;
}

bool is_flatten(const Builder& b, const OpCall& node) {
  if (node.op == "Flatten") return node.integer("axis", 1) == 1;
  if (node.op != "Reshape" || node.inputs.size() < 2) return false;
  const Tensor* shape = b.constant(node.inputs[1]);
  return shape != nullptr && shape->type() == ElementType::kInt64 && shape->count() == 2 &&
         (shape->data<std::int64_t>()[1] == -1 || shape->data<std::int64_t>()[0] == -1);
}

// dst, a, b; n: count; state: GridSum.
template <class A, class B, class T> void sum_kernel(const KernelArgs& a) {
  kernels::add_on_grid(reinterpret_cast<T*>(a.p[0]), reinterpret_cast<const A*>(a.p[1]),
                       reinterpret_cast<const B*>(a.p[2]), a.n[0],
                       *static_cast<const kernels::GridSum*>(a.state));
}

template <class A, class B> Kernel sum_kernel_for(Type dst) {
  return dst == Type::s8 ? sum_kernel<A, B, std::int8_t> : sum_kernel<A, B, std::uint8_t>;
}

Kernel sum_kernel_for(Type a, Type b, Type dst) {
  using U8 = std::uint8_t;
  using S8 = std::int8_t;
  if (a == Type::u8)
    return b == Type::u8 ? sum_kernel_for<U8, U8>(dst) : sum_kernel_for<U8, S8>(dst);
  return b == Type::u8 ? sum_kernel_for<S8, U8>(dst) : sum_kernel_for<S8, S8>(dst);
}

}  // namespace

Result<bool> lower_quantised_pool(Builder& b, const OpCall& node) {
  const Builder::Value source = b.value(node.inputs[0]);
  const OnGrid& held = *source.on_grid;
  if (source.shape.size() != 4) return false;
  if (is_flatten(b, node)) return flatten(b, node, held, source.shape);
  if (node.op == "GlobalAveragePool") return mean_pool(b, node, held, source.shape);
  if (node.op == "MaxPool" && node.outputs.size() == 1) {
    return max_pool(b, node, held, source.shape);
  }
  return false;
}

Result<bool> lower_quantised_add(Builder& b, const OpCall& node) {
  if (b.constant(node.inputs[1]) != nullptr || !b.value(node.inputs[1]).on_grid) return false;
  const Builder::Value first = b.value(node.inputs[0]);
  const Builder::Value second = b.value(node.inputs[1]);
  const Ending ending = find_ending(b, node.outputs[0]);
  if (first.shape != second.shape || !ending.grid || first.on_grid->pixels ||
      second.on_grid->pixels) {
    return false;
  }
  const Grid& out = ending.grid->grid;
  const Grid& a = first.on_grid->grid;
  const Grid& c = second.on_grid->grid;
  auto sum = std::make_shared<kernels::GridSum>();
  sum->a_factor = a.scale / out.scale;
  sum->b_factor = c.scale / out.scale;
  sum->shift = static_cast<float>(out.zero) - static_cast<float>(a.zero) * sum->a_factor -
               static_cast<float>(c.zero) * sum->b_factor;
  sum->least = ending.relu ? out.zero : -256;
  const Ref left = first.on_grid->data;
  const Type other = second.on_grid->data.desc.data_type();
  TENBIN_TRY(const Ref right, b.as(second.on_grid->data, typed(left.desc, other)));
  const Ref dst = b.program().arena_ref(typed(left.desc, ending.grid->type));
  KernelArgs args;
  args.n[0] = static_cast<std::int64_t>(left.desc.get_size());
  args.state = b.program().keep(std::move(sum));
  b.program().add(sum_kernel_for(left.desc.data_type(), other, ending.grid->type), args,
                  {dst, left, right}, "add_int8:own:avx512");
  define_ending(b, ending, first.shape, dst);
  return true;
}

}  // namespace tenbin::dnn

// SPDX-License-Identifier: Apache-2.0
// From floats to a grid and back.
#include "engine/dnn/quantised.h"
#include "engine/kernels/fake_quantise.h"
#include "engine/kernels/quantise.h"
#include "engine/precision.h"

namespace tenbin::dnn {
namespace {

using Type = dnnl::memory::data_type;

std::int64_t elements_of(const Desc& desc) {
  return static_cast<std::int64_t>(desc.get_size() /
                                   dnnl::memory::data_type_size(desc.data_type()));
}

// dst, src; n: elements, zero; f: scale.
template <class T> void quantise_kernel(const KernelArgs& a) {
  kernels::quantise(reinterpret_cast<T*>(a.p[0]), a.p[1], a.n[0], a.f[0],
                    static_cast<std::int32_t>(a.n[1]));
}
template <class T> void dequantise_kernel(const KernelArgs& a) {
  kernels::dequantise(a.p[0], reinterpret_cast<const T*>(a.p[1]), a.n[0], a.f[0],
                      static_cast<std::int32_t>(a.n[1]));
}

// dst, src; n: batch, groups, pixels, zero; f: scale.
template <class T> void quantise_to_last_kernel(const KernelArgs& a) {
  kernels::quantise_to_last(reinterpret_cast<T*>(a.p[0]), a.p[1], {a.n[0], a.n[1], a.n[2]}, a.f[0],
                            static_cast<std::int32_t>(a.n[3]));
}

KernelArgs arguments(const Desc& desc, const Grid& grid) {
  KernelArgs args;
  args.n[0] = elements_of(desc);
  args.n[1] = grid.zero;
  args.f[0] = grid.scale;
  return args;
}

kernels::GridReach reach_of(const KernelArgs& a) { return {a.f[1], a.f[2], a.f[3]}; }

// dst, src; n: elements; f: scale, zero, least, most.
void round_kernel(const KernelArgs& a) {
  kernels::round_to_grid(a.p[0], a.p[1], a.n[0], a.f[0], reach_of(a));
}
// diff_src, diff_dst, src.
void round_backward_kernel(const KernelArgs& a) {
  kernels::pass_in_reach(a.p[0], a.p[1], a.p[2], a.n[0], a.f[0], reach_of(a));
}

// The DequantizeLinear that alone reads what the node writes, on the same grid; null: there is
// none.
const OpCall* way_back(const Builder& b, const OpCall& node, const GridType& grid) {
  const OpCall* back = b.only_consumer(node.outputs[0]);
  if (back == nullptr || back->op != "DequantizeLinear") return nullptr;
  const auto returned = grid_of(b, *back);
  return returned && returned->grid == grid.grid && returned->type == grid.type ? back : nullptr;
}

// Where training goes through the network, or no layer multiplies integers, floats stay floats:
// those that the grid has.
Status lower_fake(Builder& b, const OpCall& node, const GridType& grid) {
  const OpCall* back = way_back(b, node, grid);
  if (back == nullptr) {
    return no_kernel(node, "training: integers that no DequantizeLinear alone takes back");
  }
  const std::string src_name = node.inputs[0], dst_name = back->outputs[0];
  b.absorb(back);
  b.add_inner(src_name, dst_name);
  const Builder::Value source = b.value(src_name);
  TENBIN_TRY(const Ref src, b.floats(source.data));
  const Ref dst = b.program().arena_ref(src.desc);
  KernelArgs args;
  args.n[0] = elements_of(src.desc);
  args.f[0] = grid.grid.scale;
  args.f[1] = static_cast<float>(grid.grid.zero);
  args.f[2] = grid.type == Type::u8 ? 0 : -128;
  args.f[3] = grid.type == Type::u8 ? 255 : 127;
  b.program().add(round_kernel, args, {dst, src}, "round_to_grid:own");
  b.define(dst_name, source.shape, dst);
  if (!b.trains()) return {};
  b.value(src_name).kept = true;
  b.on_backward([&b, src_name, dst_name, src, dst, args]() -> Status {
    Builder::Value& from = b.value(src_name);
    if (!from.wants_gradient) return {};
    TENBIN_TRY(const Ref diff_dst, b.as(b.value(dst_name).gradient, dst.desc));
    const Ref diff_src = b.program().arena_ref(dst.desc);
    b.program().add(round_backward_kernel, args, {diff_src, diff_dst, src});
    return b.add_gradient(from, diff_src, false);
  });
  return {};
}

// Channels in groups of 16 become integers with channels last in one pass, not two.
std::optional<OnGrid> quantise_groups(Builder& b, const Ref& src, const Shape& shape,
                                      const GridType& wanted) {
  if (shape.size() != 4 || shape[1] % 16 != 0) return std::nullopt;
  const Desc groups(dims_of(shape), Type::f32, dnnl::memory::format_tag::nChw16c);
  if (src.desc != groups) return std::nullopt;
  const Ref dst =
      b.program().arena_ref(Desc(dims_of(shape), wanted.type, dnnl::memory::format_tag::nhwc));
  KernelArgs args;
  args.n[0] = shape[0];
  args.n[1] = shape[1] / 16;
  args.n[2] = shape[2] * shape[3];
  args.n[3] = wanted.grid.zero;
  args.f[0] = wanted.grid.scale;
  b.program().add(wanted.type == Type::u8 ? quantise_to_last_kernel<std::uint8_t>
                                          : quantise_to_last_kernel<std::int8_t>,
                  args, {dst, src}, "quantise:own:avx512");
  return OnGrid{dst, wanted.grid, {}};
}

}  // namespace

Status dequantise(Builder& b, Builder::Value& value) {
  if (!value.on_grid || value.data) return {};
  Ref src = value.on_grid->data;
  if (value.on_grid->pixels) {  // back to the order of the graph
    const Shape& pixels = *value.on_grid->pixels;
    TENBIN_TRY(const Ref plain, b.as({src.buffer, Desc(dims_of(pixels), src.desc.data_type(),
                                                       dnnl::memory::format_tag::nhwc)},
                                     typed(plain_desc(pixels), src.desc.data_type())));
    src = {plain.buffer, typed(plain_desc(value.shape), src.desc.data_type())};
  }
  const Ref dst = b.program().arena_ref(typed(src.desc, Type::f32));
  b.program().add(src.desc.data_type() == Type::u8 ? dequantise_kernel<std::uint8_t>
                                                   : dequantise_kernel<std::int8_t>,
                  arguments(src.desc, value.on_grid->grid), {dst, src}, "dequantise:own:avx512");
  value.data = dst;
  return {};
}

// A value that lies on the same grid already stays as it is.
Status lower_quantize(Builder& b, const OpCall& node) {
  const auto wanted = grid_of(b, node);
  if (!wanted) return no_kernel(node, "a scale that is not one constant number");
  if (b.options().mode != Mode::kInfer) return lower_fake(b, node, *wanted);
  if (!has_exact_int8() && !b.value(node.inputs[0]).on_grid &&
      way_back(b, node, *wanted) != nullptr) {
    return lower_fake(b, node, *wanted);
  }
  const Builder::Value& source = b.value(node.inputs[0]);
  const auto same = [&](const OnGrid& held) {
    return held.grid == wanted->grid && held.data.desc.data_type() == wanted->type;
  };
  if (source.on_grid && same(*source.on_grid)) {
    const Builder::Value copy = source;
    b.define(node.outputs[0], copy.shape, {}).on_grid = copy.on_grid;
    return {};
  }
  TENBIN_CHECK(dequantise(b, b.value(node.inputs[0])));
  const Builder::Value from = b.value(node.inputs[0]);
  TENBIN_TRY(const Ref src, b.floats(from.data));
  if (auto last = quantise_groups(b, src, from.shape, *wanted)) {
    b.define(node.outputs[0], from.shape, {}).on_grid = std::move(last);
    return {};
  }
  const Ref flat = b.program().arena_ref(typed(src.desc, wanted->type));
  b.program().add(
      wanted->type == Type::u8 ? quantise_kernel<std::uint8_t> : quantise_kernel<std::int8_t>,
      arguments(src.desc, wanted->grid), {flat, src}, "quantise:own:avx512");
  Desc held = typed(plain_desc(from.shape), wanted->type);
  if (from.shape.size() == 4) {
    held = Desc(dims_of(from.shape), wanted->type, dnnl::memory::format_tag::nhwc);
  }
  TENBIN_TRY(const Ref laid, b.as(flat, held));
  b.define(node.outputs[0], from.shape, {}).on_grid = OnGrid{laid, wanted->grid, {}};
  return {};
}

// The integers stand for the floats until somebody wants these.
Status lower_dequantize(Builder& b, const OpCall& node) {
  const auto given = grid_of(b, node);
  const Builder::Value source = b.value(node.inputs[0]);
  if (!given || !source.on_grid) return no_kernel(node, "operands that are not on one grid");
  OnGrid held = *source.on_grid;
  held.grid = given->grid;
  b.define(node.outputs[0], source.shape, {}).on_grid = held;
  return {};
}

}  // namespace tenbin::dnn

// SPDX-License-Identifier: Apache-2.0
// From floats to a grid and back.
#include "engine/dnn/quantised.h"
#include "engine/kernels/quantise.h"

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

KernelArgs arguments(const Desc& desc, const Grid& grid) {
  KernelArgs args;
  args.n[0] = elements_of(desc);
  args.n[1] = grid.zero;
  args.f[0] = grid.scale;
  return args;
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

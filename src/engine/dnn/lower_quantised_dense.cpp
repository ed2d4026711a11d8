// SPDX-License-Identifier: Apache-2.0
// Dense layers of 8-bit integers, with bias, ReLU and requantisation in their pass.
#include "engine/dnn/lower_dense.h"
#include "engine/dnn/quantised.h"
#include "engine/dnn/weights.h"

namespace tenbin::dnn {
namespace {

using Forward = dnnl::inner_product_forward;
using Tag = dnnl::memory::format_tag;
using Type = dnnl::memory::data_type;

// How the weights [out, in] lie in the graph, seen as [out, in] or, when the rows of the source are
// pixels with their channels last, as [out, height, width, channels] flattened.
Desc stored_weights(const DenseShape& d, const std::optional<Shape>& pixels) {
  const Desc plain = typed(d.plain_weights, Type::s8);
  if (!pixels) return plain;
  const auto* strides = plain.data.format_desc.blocking.strides;
  const Shape& p = *pixels;
  const dnnl::memory::dims turned = {strides[0], strides[1] * p[3], strides[1],
                                     strides[1] * p[2] * p[3]};
  return Desc({d.out, p[2], p[3], p[1]}, Type::s8, turned);
}

// The weights as [out, in] in the order of the source's elements.
Result<std::vector<std::byte>> ordered_weights(Builder& b, const DenseShape& d,
                                               const QuantisedConstant& weights,
                                               const std::optional<Shape>& pixels) {
  const Desc from = stored_weights(d, pixels);
  dnnl::memory::dims strides(static_cast<std::size_t>(from.data.ndims), 1);
  for (std::size_t i = strides.size(); i-- > 1;) strides[i - 1] = strides[i] * from.data.dims[i];
  std::vector<std::byte> out(static_cast<std::size_t>(d.out * d.in));
  TENBIN_CHECK(copy_layout(b.program().engine(), from, weights.values.bytes().data(),
                           Desc(from.dims(), Type::s8, strides), out.data()));
  return out;
}

}  // namespace

Result<bool> lower_quantised_dense(Builder& b, const OpCall& node) {
  const auto stored = b.options().quantised->find(node.inputs[1]);
  if (stored == b.options().quantised->end() || b.value(node.inputs[0]).shape.size() != 2) {
    return false;
  }
  const QuantisedConstant& weights = stored->second;
  TENBIN_TRY(const DenseShape d, dense_shape(b, node));
  const bool transposed = node.op == "Gemm" && node.integer("transB", 0) != 0;
  const std::int64_t axis = transposed ? 0 : 1;
  if (weights.scales.size() > 1 && weights.axis != axis) return false;
  if (!d.bias.empty() && b.constant(d.bias) == nullptr) return false;
  const OnGrid source = *b.value(d.src).on_grid;
  const Ending ending = find_ending(b, d.dst);
  const Requantisation how = requantisation(ending, source.grid.scale, weights.scales);
  const Desc bias_desc({d.out}, Type::f32, Tag::a);
  const Desc src_desc({d.rows, d.in}, source.data.desc.data_type(), Tag::ab);
  const auto pd = try_make<Forward::primitive_desc>([&] {
    return Forward::primitive_desc(Forward::desc(dnnl::prop_kind::forward_inference, src_desc,
                                                 Desc({d.out, d.in}, Type::s8, Tag::any), bias_desc,
                                                 Desc({d.rows, d.out}, how.type, Tag::ab)),
                                   how.attributes, b.program().engine());
  });
  if (!pd) return false;
  const Ref dst = b.program().arena_ref(pd->dst_desc());
  define_ending(b, ending, {d.rows, d.out}, dst);
  if (b.parameter_memory == nullptr) return true;  // the pass that only finds out layouts
  TENBIN_TRY(const auto ordered, ordered_weights(b, d, weights, source.pixels));
  std::vector<std::byte> packed(pd->weights_desc().get_size());
  TENBIN_CHECK(copy_layout(b.program().engine(), Desc({d.out, d.in}, Type::s8, Tag::ab),
                           ordered.data(), pd->weights_desc(), packed.data()));
  const Tensor* bias = d.bias.empty() ? nullptr : b.constant(d.bias);
  const std::vector<float> steps = bias_in_steps(bias, source.grid.scale, weights,
                                                 static_cast<std::size_t>(axis), source.grid.zero);
  b.program().add(Forward(*pd),
                  {{DNNL_ARG_SRC, {source.data.buffer, src_desc}},
                   {DNNL_ARG_WEIGHTS, {b.program().constant_buffer(packed), pd->weights_desc()}},
                   {DNNL_ARG_BIAS, {b.program().constant_buffer(steps), bias_desc}},
                   {DNNL_ARG_DST, dst}},
                  pd->scratchpad_desc(), std::string("dense_int8:") + pd->impl_info_str());
  return true;
}

}  // namespace tenbin::dnn

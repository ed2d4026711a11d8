// SPDX-License-Identifier: Apache-2.0
// Convolution of 8-bit integers, channels last, with bias, ReLU and requantisation in its pass.
#include "engine/dnn/lower_conv.h"
#include "engine/dnn/quantised.h"
#include "engine/dnn/weights.h"

namespace tenbin::dnn {
namespace {

using Forward = dnnl::convolution_forward;
using Tag = dnnl::memory::format_tag;
using Type = dnnl::memory::data_type;

Desc channels_last(const Shape& shape, Type type) { return Desc(dims_of(shape), type, Tag::nhwc); }

bool has_padding(const ConvWindow& window) {
  for (const auto& side : {window.begin, window.end}) {
    for (const auto pad : side) {
      if (pad != 0) return true;
    }
  }
  return false;
}

}  // namespace

Result<bool> lower_quantised_conv(Builder& b, const OpCall& node) {
  const auto stored = b.options().quantised->find(node.inputs[1]);
  if (stored == b.options().quantised->end()) return false;
  const QuantisedConstant& weights = stored->second;
  if (weights.scales.size() > 1 && weights.axis != 0) return false;
  const OnGrid source = *b.value(node.inputs[0]).on_grid;
  const Tensor* bias =
      node.inputs.size() > 2 && !node.inputs[2].empty() ? b.constant(node.inputs[2]) : nullptr;
  if (node.inputs.size() > 2 && !node.inputs[2].empty() && bias == nullptr) return false;
  TENBIN_TRY(const ConvShapes s, conv_shapes(b, node));
  if (s.src.size() != 4) return false;
  const Ending ending = find_ending(b, node.outputs[0]);
  Requantisation how = requantisation(ending, source.grid.scale, weights.scales);
  // An offset under padding is the kernel's business; without padding it is part of the bias.
  std::int32_t offset = source.grid.zero;
  if (offset != 0 && has_padding(s.window)) {
    how.attributes.set_zero_points(DNNL_ARG_SRC, 0, {offset});
    offset = 0;
  }
  const Desc bias_desc({s.dst[1]}, Type::f32, Tag::a);
  const auto pd = try_make<Forward::primitive_desc>([&] {
    return Forward::primitive_desc(
        Forward::desc(dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
                      channels_last(s.src, source.data.desc.data_type()),
                      Desc(dims_of(s.weight_dims), Type::s8, Tag::any), bias_desc,
                      channels_last(s.dst, how.type), s.window.strides, s.window.dilates,
                      s.window.begin, s.window.end),
        how.attributes, b.program().engine());
  });
  if (!pd) return false;
  const Ref dst = b.program().arena_ref(pd->dst_desc());
  define_ending(b, ending, s.dst, dst);
  if (b.parameter_memory == nullptr) return true;  // the pass that only finds out layouts
  std::vector<std::byte> packed(pd->weights_desc().get_size());
  TENBIN_CHECK(copy_layout(b.program().engine(), typed(s.plain_weights, Type::s8),
                           weights.values.bytes().data(), pd->weights_desc(), packed.data()));
  const std::vector<float> steps = bias_in_steps(bias, source.grid.scale, weights, 0, offset);
  TENBIN_TRY(const Ref src, b.as(source.data, pd->src_desc()));
  b.program().add(Forward(*pd),
                  {{DNNL_ARG_SRC, src},
                   {DNNL_ARG_WEIGHTS, {b.program().constant_buffer(packed), pd->weights_desc()}},
                   {DNNL_ARG_BIAS, {b.program().constant_buffer(steps), bias_desc}},
                   {DNNL_ARG_DST, dst}},
                  pd->scratchpad_desc(), std::string("conv_int8:") + pd->impl_info_str());
  return true;
}

}  // namespace tenbin::dnn

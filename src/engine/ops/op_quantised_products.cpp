// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve.h"
#include "engine/matmul.h"
#include "engine/quantise.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;
using Whole = std::vector<std::int32_t>;

// One side of a product: its elements less their zero, and the scale.
struct Side {
  Quantisation q;
  Whole elements;
};

Result<Side> side_of(const OpCall& call, const Tensor& tensor, const Tensor* scale,
                     const Tensor* zero, AxisView axis) {
  Side side;
  TENBIN_TRY(side.q, quantisation_of(call, scale, zero, axis.size));
  TENBIN_TRY(side.elements,
             without_zero(call, tensor, side.q, std::max<std::int64_t>(axis.inner, 1)));
  return side;
}

// Along rows for the left operand, along columns for the right one.
AxisView matrix_axis(const Shape& shape, bool left) {
  if (shape.size() < 2) return {1, 1, count_of(shape)};
  return around_axis(shape, static_cast<std::int64_t>(shape.size()) - (left ? 2 : 1));
}

Outputs matmul_integer(const OpCall& call, OpInputs inputs) {
  const Tensor &a = *inputs[0], &b = *inputs[1];
  TENBIN_TRY(const MatmulPlan plan, plan_matmul(call, a.shape(), b.shape()));
  TENBIN_TRY(const Side x,
             side_of(call, a, nullptr, input_of(inputs, 2), matrix_axis(a.shape(), true)));
  TENBIN_TRY(const Side y,
             side_of(call, b, nullptr, input_of(inputs, 3), matrix_axis(b.shape(), false)));
  TENBIN_TRY(Tensor out, checked_tensor(ElementType::kInt32, plan.shape));
  const auto to = out.data<std::int32_t>();
  multiply<std::int32_t, std::int64_t>(
      plan, x.elements, y.elements,
      [&](std::size_t i, std::int64_t sum) { to[i] = static_cast<std::int32_t>(sum); });
  return one(std::move(out));
}

Outputs qlinear_matmul(const OpCall& call, OpInputs inputs) {
  TENBIN_CHECK(need_inputs(call, inputs, 8));
  const Tensor &a = *inputs[0], &b = *inputs[3];
  TENBIN_TRY(const MatmulPlan plan, plan_matmul(call, a.shape(), b.shape()));
  TENBIN_TRY(const Side x, side_of(call, a, inputs[1], inputs[2], matrix_axis(a.shape(), true)));
  TENBIN_TRY(const Side y, side_of(call, b, inputs[4], inputs[5], matrix_axis(b.shape(), false)));
  TENBIN_TRY(const Quantisation z, quantisation_of(call, inputs[6], inputs[7], 1));
  return typed(call, inputs[7]->type(), kQuantised, [&]<class T>() -> Outputs {
    TENBIN_TRY(Tensor out, checked_tensor(inputs[7]->type(), plan.shape));
    const auto to = out.data<T>();
    const auto n = static_cast<std::size_t>(plan.n), m = static_cast<std::size_t>(plan.m);
    multiply<std::int32_t, std::int64_t>(
        plan, x.elements, y.elements, [&](std::size_t i, std::int64_t sum) {
          const double scale = x.q.scale(i / n % m) * y.q.scale(i % n) / z.scale(0);
          to[i] = saturated<T>(static_cast<double>(sum) * scale, z.zero(0));
        });
    return one(std::move(out));
  });
}

Outputs conv_integer(const OpCall& call, OpInputs inputs) {
  const Tensor &src = *inputs[0], &weights = *inputs[1];
  TENBIN_TRY(const Convolution c, convolution_of(call, src.shape(), weights.shape()));
  TENBIN_TRY(const Side x, side_of(call, src, nullptr, input_of(inputs, 2), {}));
  TENBIN_TRY(const Side w,
             side_of(call, weights, nullptr, input_of(inputs, 3), around_axis(weights.shape(), 0)));
  TENBIN_TRY(Tensor out, checked_tensor(ElementType::kInt32, c.shape));
  const auto to = out.data<std::int32_t>();
  convolve<std::int32_t, std::int64_t>(c, x.elements, w.elements,
                                       [&](std::size_t i, std::size_t, std::int64_t sum) {
                                         to[i] = static_cast<std::int32_t>(sum);
                                       });
  return one(std::move(out));
}

Outputs qlinear_conv(const OpCall& call, OpInputs inputs) {
  TENBIN_CHECK(need_inputs(call, inputs, 8));
  const Tensor &src = *inputs[0], &weights = *inputs[3];
  TENBIN_TRY(const Convolution c, convolution_of(call, src.shape(), weights.shape()));
  TENBIN_TRY(const Side x, side_of(call, src, inputs[1], inputs[2], {}));
  TENBIN_TRY(const Side w,
             side_of(call, weights, inputs[4], inputs[5], around_axis(weights.shape(), 0)));
  TENBIN_TRY(const Quantisation z, quantisation_of(call, inputs[6], inputs[7], 1));
  const Tensor* bias = input_of(inputs, 8);
  if (bias != nullptr) {
    TENBIN_CHECK(need_type(call, *bias, ElementType::kInt32));
    if (bias->count() != c.out_channels) return bad_operands(call, "bias of another size");
  }
  return typed(call, inputs[7]->type(), kQuantised, [&]<class T>() -> Outputs {
    TENBIN_TRY(Tensor out, checked_tensor(inputs[7]->type(), c.shape));
    const auto to = out.data<T>();
    convolve<std::int32_t, std::int64_t>(
        c, x.elements, w.elements, [&](std::size_t i, std::size_t channel, std::int64_t sum) {
          if (bias != nullptr) sum += bias->data<std::int32_t>()[channel];
          const double scale = x.q.scale(0) * w.q.scale(channel) / z.scale(0);
          to[i] = saturated<T>(static_cast<double>(sum) * scale, z.zero(0));
        });
    return one(std::move(out));
  });
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  if (call.op == "MatMulInteger") return matmul_integer(call, inputs);
  if (call.op == "QLinearMatMul") return qlinear_matmul(call, inputs);
  return call.op == "ConvInteger" ? conv_integer(call, inputs) : qlinear_conv(call, inputs);
}

std::vector<OpProbe> probes() {
  const Tensor a = Tensor::of<std::uint8_t>({2, 2}, {11, 7, 3, 10});
  const Tensor b = Tensor::of<std::uint8_t>({2, 2}, {1, 4, 2, 5});
  const Tensor twelve = Tensor::scalar<std::uint8_t>(12), zero = Tensor::scalar<std::uint8_t>(0);
  const Tensor image = Tensor::of<std::uint8_t>({1, 1, 2, 2}, {2, 3, 5, 6});
  const Tensor kernel = Tensor::of<std::uint8_t>({1, 1, 2, 1}, {1, 2});
  const Tensor scale = Tensor::scalar(0.5F);
  return {{"with zeros", op_call("MatMulInteger", 4), {a, b, twelve, zero}, {}, false},
          {"with scales",
           op_call("QLinearMatMul", 8),
           {a, scale, twelve, b, scale, zero, Tensor::scalar(0.25F), twelve},
           {},
           false},
          {"with a zero", op_call("ConvInteger", 3), {image, kernel, zero}, {}, false},
          {"with scales",
           op_call("QLinearConv", 8),
           {image, scale, twelve, kernel, scale, zero, Tensor::scalar(0.25F), twelve},
           {},
           false}};
}

}  // namespace

const OpEntry& op_quantised_products() {
  static const OpEntry entry{"",
                             {"MatMulInteger", "QLinearMatMul", "ConvInteger", "QLinearConv"},
                             "Products of quantised numbers with integer sums.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin

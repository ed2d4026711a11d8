// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/quantise.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// Scale and zero by axis: how many entries, and how many neighbours share one.
struct Grain {
  std::int64_t entries = 1, inner = 1;
};
Result<Grain> grain_of(const OpCall& call, OpInputs inputs) {
  const Shape& shape = inputs[0]->shape();
  if (inputs[1]->count() == 1) return Grain{1, std::max<std::int64_t>(inputs[0]->count(), 1)};
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", 1), shape.size()));
  const AxisView view = around_axis(shape, axis);
  return Grain{view.size, std::max<std::int64_t>(view.inner, 1)};
}

Outputs quantize(const OpCall& call, OpInputs inputs) {
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const Grain grain, grain_of(call, inputs));
  const Tensor* zero = input_of(inputs, 2);
  TENBIN_TRY(const Quantisation q, quantisation_of(call, inputs[1], zero, grain.entries));
  const ElementType to = zero == nullptr ? ElementType::kUint8 : zero->type();
  const auto entry = [&](std::size_t i) {
    return i / static_cast<std::size_t>(grain.inner) % static_cast<std::size_t>(grain.entries);
  };
  constexpr auto kFrom = kReals + Types<std::int32_t>();
  return typed(call, in.type(), kFrom, [&]<class From>() {
    return typed(call, to, kQuantised, [&]<class To>() {
      Tensor out(to, in.shape());
      const auto x = in.data<From>();
      const auto y = out.data<To>();
      for (std::size_t i = 0; i < x.size(); ++i) {
        // In the numbers of the operands: a tie of floats is none of doubles.
        using W = std::conditional_t<std::is_same_v<From, double>, double, float>;
        const W scaled = static_cast<W>(x[i]) / static_cast<W>(q.scale(entry(i)));
        y[i] = saturated<To>(static_cast<double>(scaled), q.zero(entry(i)));
      }
      return one(std::move(out));
    });
  });
}

Outputs dequantize(const OpCall& call, OpInputs inputs) {
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const Grain grain, grain_of(call, inputs));
  TENBIN_TRY(const Quantisation q,
             quantisation_of(call, inputs[1], input_of(inputs, 2), grain.entries));
  TENBIN_TRY(const auto whole, without_zero(call, in, q, grain.inner));
  return typed(call, inputs[1]->type(), kReals, [&]<class T>() {
    Tensor out(inputs[1]->type(), in.shape());
    const auto y = out.data<T>();
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t entry =
          i / static_cast<std::size_t>(grain.inner) % static_cast<std::size_t>(grain.entries);
      y[i] = static_cast<T>(static_cast<double>(whole[i]) * q.scale(entry));
    }
    return one(std::move(out));
  });
}

// Scale and zero from the range of the elements, which always holds 0.
Outputs dynamic(const OpCall& call, const Tensor& in) {
  TENBIN_CHECK(need_type(call, in, ElementType::kFloat32));
  float least = 0, most = 0;
  for (const float x : in.data<float>()) {
    least = std::min(least, x);
    most = std::max(most, x);
  }
  const float scale = most == least ? 1 : (most - least) / 255;
  const auto zero =
      saturated<std::uint8_t>(static_cast<double>(-least) / static_cast<double>(scale), 0);
  Tensor out(ElementType::kUint8, in.shape());
  const auto x = in.data<float>();
  const auto y = out.data<std::uint8_t>();
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = saturated<std::uint8_t>(static_cast<double>(x[i] / scale), zero);
  }
  std::vector<Tensor> results;
  results.push_back(std::move(out));
  results.push_back(Tensor::scalar(scale));
  results.push_back(Tensor::scalar(zero));
  return results;
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  const bool by_itself = call.op == "DynamicQuantizeLinear";
  TENBIN_CHECK(need_inputs(call, inputs, by_itself ? 1 : 2));
  if (by_itself) return dynamic(call, *inputs[0]);
  return call.op == "QuantizeLinear" ? quantize(call, inputs) : dequantize(call, inputs);
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({2, 2}, {-1, 2, 3.25F, 400});
  const Tensor scales = Tensor::of<float>({2}, {0.5F, 2});
  const Tensor zeros = Tensor::of<std::uint8_t>({2}, {10, 0});
  return {
      {"a scale a column", op_call("QuantizeLinear", 3), {x, scales, zeros}, {}, false},
      {"back",
       op_call("DequantizeLinear", 3),
       {Tensor::of<std::uint8_t>({2, 2}, {8, 1, 16, 200}), scales, zeros},
       {},
       false},
      {"scale from the elements", op_call("DynamicQuantizeLinear", 1, {}, "", 3), {x}, {}, false}};
}

}  // namespace

const OpEntry& op_quantize() {
  static const OpEntry entry{"",
                             {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"},
                             "Real numbers as whole ones with scale and zero, and back.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin

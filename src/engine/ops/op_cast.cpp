// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

template <class To, class From> To converted(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From{0};
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    if (std::isnan(value)) return To{0};
    const auto wide = static_cast<double>(value);
    if (wide >= static_cast<double>(std::numeric_limits<To>::max())) {
      return std::numeric_limits<To>::max();
    }
    if (wide <= static_cast<double>(std::numeric_limits<To>::lowest())) {
      return std::numeric_limits<To>::lowest();
    }
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <class From, class To> std::vector<Tensor> cast_as(const Tensor& in) {
  return one(unary<From, To>(in, [](From x) { return converted<To, From>(x); }));
}

template <class From>
Result<std::vector<Tensor>> cast_from(const OpCall& call, const Tensor& in, ElementType to) {
  switch (to) {
    case ElementType::kFloat32: return cast_as<From, float>(in);
    case ElementType::kFloat64: return cast_as<From, double>(in);
    case ElementType::kInt64: return cast_as<From, std::int64_t>(in);
    case ElementType::kInt32: return cast_as<From, std::int32_t>(in);
    case ElementType::kUint8: return cast_as<From, std::uint8_t>(in);
    case ElementType::kBool: return cast_as<From, bool>(in);
    default: return bad_element_type(call, to, "a number type or bool as the goal");
  }
}

Result<std::vector<Tensor>> cast_text(const OpCall& call, const Tensor& in, ElementType to) {
  if (to != ElementType::kFloat32) return bad_element_type(call, to, "float32 as the goal of text");
  Tensor out(ElementType::kFloat32, in.shape());
  const auto texts = in.data<std::string>();
  auto values = out.data<float>();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string& text = texts[i];
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), values[i]);
    if (failure != std::errc{} || end != text.data() + text.size()) {
      return bad_operands(call, "'" + text.substr(0, 40) + "' is not a number");
    }
  }
  return one(std::move(out));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  const auto to = static_cast<ElementType>(call.integer("to", 1));
  if (in.type() == to) return one(Tensor(in));
  switch (in.type()) {
    case ElementType::kFloat32: return cast_from<float>(call, in, to);
    case ElementType::kFloat64: return cast_from<double>(call, in, to);
    case ElementType::kInt64: return cast_from<std::int64_t>(call, in, to);
    case ElementType::kInt32: return cast_from<std::int32_t>(call, in, to);
    case ElementType::kUint8: return cast_from<std::uint8_t>(call, in, to);
    case ElementType::kBool: return cast_from<bool>(call, in, to);
    case ElementType::kString: return cast_text(call, in, to);
    default: return bad_element_type(call, in.type(), "numbers, bool or string");
  }
}

std::vector<OpProbe> probes() {
  return {{"pixels to floats",
           op_call("Cast", 1, {{"to", std::int64_t{1}}}),
           {Tensor::of<std::uint8_t>({3}, {0, 128, 255})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_cast() {
  static const OpEntry entry{"", {"Cast"}, "Another element type.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

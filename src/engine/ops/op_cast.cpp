// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cmath>

#include "engine/convert.h"
#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;
constexpr auto kPlain = kNumbers + kBools;

// As NumPy writes numbers: the shortest text that reads back the same.
template <class T> std::string text_of(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "True" : "False";
  } else {
    std::array<char, 64> room{};
    const auto wide = static_cast<Wide<T>>(value);
    if constexpr (kIsReal<T>) {
      if (std::isnan(wide)) return "NaN";
      if (std::isinf(wide)) return wide > 0 ? "INF" : "-INF";
    }
    const auto written = std::to_chars(room.data(), room.data() + room.size(), wide);
    return std::string(room.data(), written.ptr);
  }
}

template <class T> bool read_number(const std::string& text, T& value) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (begin != end && *begin == '+') ++begin;
  double real = 0;
  Wide<T> whole{};
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    const auto [at, failure] = std::from_chars(begin, end, whole);
    if (failure == std::errc{} && at == end) {
      value = whole;
      return true;
    }
  }
  const auto [at, failure] = std::from_chars(begin, end, real);
  if (failure != std::errc{} || at != end) return false;
  value = converted<T>(real);
  return true;
}

template <class To> Outputs cast_text(const OpCall& call, const Tensor& in) {
  Tensor out(kElementOf<To>, in.shape());
  const auto texts = in.data<std::string>();
  auto values = out.data<To>();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (read_number(texts[i], values[i])) continue;
    return bad_operands(call, "'" + texts[i].substr(0, 40) + "' is not a number");
  }
  return one(std::move(out));
}

template <class From> Outputs cast_from(const OpCall& call, const Tensor& in, ElementType to) {
  if (to == ElementType::kString) {
    return one(unary<From, std::string>(in, [](From x) { return text_of(x); }));
  }
  return typed(call, to, kPlain, [&]<class To>() {
    return one(unary<From, To>(in, [](From x) { return converted<To, From>(x); }));
  });
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  const bool like = call.op == "CastLike";
  TENBIN_CHECK(need_inputs(call, inputs, like ? 2 : 1));
  const Tensor& in = *inputs[0];
  auto to = static_cast<ElementType>(call.integer("to", 1));
  if (like) to = inputs[1]->type();
  if (in.type() == to) return one(Tensor(in));
  if (in.is_string()) {
    return typed(call, to, kPlain, [&]<class To>() { return cast_text<To>(call, in); });
  }
  return typed(call, in.type(), kPlain, [&]<class T>() { return cast_from<T>(call, in, to); });
}

std::vector<OpProbe> probes() {
  return {{"pixels to floats",
           op_call("Cast", 1, {{"to", std::int64_t{1}}}),
           {Tensor::of<std::uint8_t>({3}, {0, 128, 255})},
           {},
           false},
          {"towards zero",
           op_call("Cast", 1, {{"to", std::int64_t{7}}}),
           {Tensor::of<float>({3}, {-1.9F, 0.5F, 2.9F})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_cast() {
  static const OpEntry entry{"",    {"Cast", "CastLike"}, "Another element type.", compute, nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin

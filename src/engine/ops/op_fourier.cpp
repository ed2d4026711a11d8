// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/limits.h"
#include "engine/fourier.h"
#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;
using Complex = std::complex<double>;

// One integer operand within [least, limits].
Result<std::int64_t> length_of(const OpCall& call, const Tensor& operand, std::int64_t least) {
  TENBIN_TRY(const auto given, integers_of(call, operand));
  if (given.size() != 1 || given[0] < least || given[0] > limits::kTensorElements / 16) {
    return bad_operands(call, "length " + (given.empty() ? "" : std::to_string(given[0])));
  }
  return given[0];
}

// Numbers of a tensor whose last axis holds a real part, or a real and an imaginary one.
template <class T> struct Signal {
  std::span<const T> data;
  std::int64_t parts = 1;
  Complex at(std::int64_t i) const {
    const auto real = static_cast<std::size_t>(i * parts);
    return {static_cast<double>(data[real]), parts == 2 ? static_cast<double>(data[real + 1]) : 0};
  }
};

template <class T>
Outputs transform(const OpCall& call, const Tensor& in, std::int64_t axis, std::int64_t length) {
  const bool inverse = call.integer("inverse", 0) != 0;
  const std::int64_t kept = call.integer("onesided", 0) != 0 ? length / 2 + 1 : length;
  Shape shape = in.shape();
  const Signal<T> signal{in.data<T>(), shape.back()};
  shape.back() = 1;
  const AxisView view = around_axis(shape, axis);
  shape.back() = 2;
  shape[static_cast<std::size_t>(axis)] = kept;
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), shape));
  const auto y = out.data<T>();
  for (std::int64_t lane = 0; lane < view.outer * view.inner; ++lane) {
    const std::int64_t o = lane / view.inner, i = lane % view.inner;
    std::vector<Complex> values(static_cast<std::size_t>(length));
    for (std::int64_t k = 0; k < std::min(length, view.size); ++k) {
      values[static_cast<std::size_t>(k)] = signal.at((o * view.size + k) * view.inner + i);
    }
    fourier(values, inverse);
    for (std::int64_t k = 0; k < kept; ++k) {
      const auto to = static_cast<std::size_t>(((o * kept + k) * view.inner + i) * 2);
      y[to] = static_cast<T>(values[static_cast<std::size_t>(k)].real());
      y[to + 1] = static_cast<T>(values[static_cast<std::size_t>(k)].imag());
    }
  }
  return one(std::move(out));
}

Outputs dft(const OpCall& call, OpInputs inputs) {
  const Tensor& in = *inputs[0];
  const Shape& shape = in.shape();
  if (shape.size() < 2 || (shape.back() != 1 && shape.back() != 2)) {
    return bad_operands(call, to_text(shape) + ", expected a last axis of 1 or 2");
  }
  std::int64_t named = call.integer("axis", 1);
  if (call.opset >= 20) {
    TENBIN_TRY(const auto given, integers_of(call, inputs, 2, "", {-2}));
    named = given.size() == 1 ? given[0] : -2;
  }
  TENBIN_TRY(const std::int64_t axis, axis_of(call, named, shape.size()));
  if (axis + 1 == static_cast<std::int64_t>(shape.size())) {
    return bad_operands(call, "axis of real and imaginary parts");
  }
  std::int64_t length = shape[static_cast<std::size_t>(axis)];
  if (const Tensor* given = input_of(inputs, 1); given != nullptr) {
    TENBIN_TRY(length, length_of(call, *given, 0));
  }
  return typed(call, in.type(), kReals,
               [&]<class T>() { return transform<T>(call, in, axis, length); });
}

struct Frames {
  std::int64_t step = 1, length = 0, count = 0, kept = 0;
};

template <class T>
Outputs short_time(const Tensor& in, const Tensor* window, const Frames& frames) {
  const Shape& shape = in.shape();
  const Signal<T> signal{in.data<T>(), shape.size() == 3 ? shape[2] : 1};
  TENBIN_TRY(Tensor out, checked_tensor(in.type(), {shape[0], frames.count, frames.kept, 2}));
  auto to = out.data<T>().begin();
  for (std::int64_t f = 0; f < shape[0] * frames.count; ++f) {
    const std::int64_t begin = f / frames.count * shape[1] + f % frames.count * frames.step;
    std::vector<Complex> values(static_cast<std::size_t>(frames.length));
    for (std::size_t k = 0; k < values.size(); ++k) {
      const double weight = window == nullptr ? 1 : static_cast<double>(window->data<T>()[k]);
      values[k] = signal.at(begin + static_cast<std::int64_t>(k)) * weight;
    }
    fourier(values, false);
    for (std::size_t k = 0; k < static_cast<std::size_t>(frames.kept); ++k) {
      *to++ = static_cast<T>(values[k].real());
      *to++ = static_cast<T>(values[k].imag());
    }
  }
  return one(std::move(out));
}

Outputs stft(const OpCall& call, OpInputs inputs) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& in = *inputs[0];
  const Shape& shape = in.shape();
  const bool fits = shape.size() == 2 || (shape.size() == 3 && (shape[2] == 1 || shape[2] == 2));
  if (!fits) return bad_operands(call, to_text(shape) + ", expected [batch, length, 1 or 2]");
  Frames frames;
  TENBIN_TRY(frames.step, length_of(call, *inputs[1], 1));
  const Tensor* window = input_of(inputs, 2);
  if (window != nullptr) {
    TENBIN_CHECK(need_type(call, *window, in.type()));
    frames.length = window->count();
  }
  if (const Tensor* given = input_of(inputs, 3); given != nullptr) {
    TENBIN_TRY(frames.length, length_of(call, *given, 1));
  }
  if (frames.length < 1 || frames.length > shape[1] ||
      (window != nullptr && window->count() != frames.length)) {
    return bad_operands(call,
                        "frames of " + std::to_string(frames.length) + " over " + to_text(shape));
  }
  frames.count = (shape[1] - frames.length) / frames.step + 1;
  frames.kept = call.integer("onesided", 1) != 0 ? frames.length / 2 + 1 : frames.length;
  return typed(call, in.type(), kReals,
               [&]<class T>() { return short_time<T>(in, window, frames); });
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  return call.op == "DFT" ? dft(call, inputs) : stft(call, inputs);
}

std::vector<OpProbe> probes() {
  return {{"of any length", op_call("DFT", 1), {ramp({1, 6, 1})}, {}, false},
          {"frames",
           op_call("STFT", 4),
           {ramp({1, 16, 1}), Tensor::scalar<std::int64_t>(4), Tensor(),
            Tensor::scalar<std::int64_t>(8)},
           {},
           false}};
}

}  // namespace

const OpEntry& op_fourier() {
  static const OpEntry entry{"", {"DFT", "STFT"}, "Fourier transforms.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <numbers>

#include "base/limits.h"
#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// A window is a sum of cosines: of 0, 1 and 2 turns.
std::array<double, 3> cosines_of(const std::string& op) {
  if (op == "HannWindow") return {0.5, -0.5, 0};
  if (op == "HammingWindow") return {25.0 / 46, -21.0 / 46, 0};
  return {0.42, -0.5, 0.08};
}

Result<std::int64_t> size_of(const OpCall& call, const Tensor& operand) {
  TENBIN_TRY(const auto given, integers_of(call, operand));
  if (given.size() != 1 || given[0] < 0 || given[0] > limits::kTensorElements) {
    return bad_operands(call, "size " + (given.empty() ? "" : std::to_string(given[0])));
  }
  return given[0];
}

Outputs window(const OpCall& call, std::int64_t size, ElementType type) {
  const bool periodic = call.integer("periodic", 1) != 0;
  const auto period = static_cast<double>(std::max<std::int64_t>(1, periodic ? size : size - 1));
  const std::array<double, 3> a = cosines_of(call.op);
  return typed(call, type, kNumbers, [&]<class T>() -> Outputs {
    TENBIN_TRY(Tensor out, checked_tensor(type, {size}));
    double place = 0;
    for (T& x : out.data<T>()) {
      const double turn = 2 * std::numbers::pi * place++ / period;
      x = static_cast<T>(a[0] + a[1] * std::cos(turn) + a[2] * std::cos(2 * turn));
    }
    return one(std::move(out));
  });
}

// Triangles over the bins of a spectrum, evenly spaced in mels (ONNX MelWeightMatrix).
Outputs mel(const OpCall& call, OpInputs inputs, ElementType type) {
  TENBIN_CHECK(need_inputs(call, inputs, 5));
  TENBIN_TRY(const std::int64_t bands, size_of(call, *inputs[0]));
  TENBIN_TRY(const std::int64_t length, size_of(call, *inputs[1]));
  TENBIN_TRY(const std::int64_t rate, size_of(call, *inputs[2]));
  TENBIN_TRY(const double low, number_of(call, *inputs[3]));
  TENBIN_TRY(const double high, number_of(call, *inputs[4]));
  const Shape shape = {length / 2 + 1, bands};
  TENBIN_CHECK(checked_tensor(ElementType::kFloat64, shape));
  if (rate < 1 || !(low >= 0 && high >= low && high <= static_cast<double>(rate))) {
    return bad_operands(call, "edges " + std::to_string(low) + " and " + std::to_string(high) +
                                  " Hz at a rate of " + std::to_string(rate));
  }
  const auto mels = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  const double step = (mels(high) - mels(low)) / static_cast<double>(bands + 2);
  const auto bin = [&](std::int64_t i) {
    const double hertz =
        700 * (std::pow(10, (static_cast<double>(i) * step + mels(low)) / 2595) - 1);
    return static_cast<std::int64_t>(
        std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate)));
  };
  return typed(call, type, kNumbers, [&]<class T>() -> Outputs {
    TENBIN_TRY(Tensor out, checked_tensor(type, shape));
    const auto put = [&](std::int64_t row, std::int64_t band, double value) {
      if (row < 0 || row >= shape[0]) return;
      out.data<T>()[static_cast<std::size_t>(row * bands + band)] = static_cast<T>(value);
    };
    for (std::int64_t band = 0; band < bands; ++band) {
      const std::int64_t first = bin(band), centre = bin(band + 1), last = bin(band + 2);
      const auto up = static_cast<double>(centre - first),
                 down = static_cast<double>(last - centre);
      if (centre == first) put(centre, band, 1);
      for (std::int64_t row = first; centre > first && row <= centre; ++row) {
        put(row, band, static_cast<double>(row - first) / up);
      }
      for (std::int64_t row = centre; row < last; ++row) {
        put(row, band, static_cast<double>(last - row) / down);
      }
    }
    return one(std::move(out));
  });
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const auto type = static_cast<ElementType>(call.integer("output_datatype", 1));
  if (call.op == "MelWeightMatrix") return mel(call, inputs, type);
  TENBIN_TRY(const std::int64_t size, size_of(call, *inputs[0]));
  return window(call, size, type);
}

std::vector<OpProbe> probes() {
  std::vector<OpProbe> out;
  for (const char* op : {"HannWindow", "HammingWindow", "BlackmanWindow"}) {
    out.push_back({"eight places", op_call(op, 1), {Tensor::scalar<std::int64_t>(8)}, {}, false});
  }
  return out;
}

}  // namespace

const OpEntry& op_signal_window() {
  static const OpEntry entry{"",
                             {"HannWindow", "HammingWindow", "BlackmanWindow", "MelWeightMatrix"},
                             "Weights for signals and spectra.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin

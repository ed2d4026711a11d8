// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/limits.h"
#include "graph/schema.h"

namespace tenbin {
namespace {

// The only value of an integer operand, or -1.
std::int64_t value_of(const InferCall& call, std::size_t i) {
  const auto* known = call.integers(i);
  const bool one = known != nullptr && known->size() == 1 && (*known)[0] >= 0;
  return one && (*known)[0] <= limits::kTensorElements ? (*known)[0] : -1;
}

std::int64_t bins(const InferCall& call, std::int64_t length, std::int64_t fallback) {
  return length >= 0 && call.call.integer("onesided", fallback) != 0 ? length / 2 + 1 : length;
}

Status infer_dft(InferCall& call) {
  call.set(0, call.type(0), std::nullopt);
  const Shape* src = call.shape(0);
  if (src == nullptr) return {};
  if (src->size() < 2) return call.bad_shape("signal " + to_text(*src));
  if (call.call.opset >= 20) {  // the axis is an operand
    call.set(0, call.type(0), Shape(src->size(), -1));
    return {};
  }
  TENBIN_TRY(const std::size_t axis, normal_axis(call.call.integer("axis", 1), src->size()));
  Shape out = *src;
  out.back() = 2;
  out[axis] = bins(call, call.has(1) ? value_of(call, 1) : (*src)[axis], 0);
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_stft(InferCall& call) {
  const Shape *src = call.shape(0), *window = call.shape(2);
  Shape out = {-1, -1, -1, 2};
  std::int64_t length = call.has(3) ? value_of(call, 3) : -1;
  if (length < 0 && window != nullptr && window->size() == 1) length = (*window)[0];
  const std::int64_t step = value_of(call, 1);
  out[2] = bins(call, length, 1);
  if (src != nullptr) {
    if (src->size() < 2) return call.bad_shape("signal " + to_text(*src));
    out[0] = (*src)[0];
    if (length > 0 && step > 0 && (*src)[1] >= length) out[1] = ((*src)[1] - length) / step + 1;
  }
  call.set(0, call.type(0), std::move(out));
  return {};
}

Status infer_window(InferCall& call) {
  const auto type = static_cast<ElementType>(call.call.integer("output_datatype", 1));
  call.set(0, type, Shape{value_of(call, 0)});
  return {};
}

Status infer_mel(InferCall& call) {
  const auto type = static_cast<ElementType>(call.call.integer("output_datatype", 1));
  const std::int64_t length = value_of(call, 1);
  call.set(0, type, Shape{length < 0 ? -1 : length / 2 + 1, value_of(call, 0)});
  return {};
}

}  // namespace

const SchemaFamily& schema_signal();
const SchemaFamily& schema_signal() {
  static const SchemaFamily family{
      "signal",
      {{"", {"DFT"}, "Fourier transform of an axis.", infer_dft, nullptr, {}, {}},
       {"", {"STFT"}, "Fourier transform of frames.", infer_stft, nullptr, {}, {}},
       {"",
        {"HannWindow", "HammingWindow", "BlackmanWindow"},
        "Weights of a frame.",
        infer_window,
        nullptr,
        {},
        {}},
       {"", {"MelWeightMatrix"}, "Bands of a spectrum.", infer_mel, nullptr, {}, {}}}};
  return family;
}

}  // namespace tenbin

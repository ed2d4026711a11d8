// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/convolve.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// A pixel between pixels; 0 outside.
template <class T> double between(const T* plane, const Shape& sizes, double y, double x) {
  const double top = std::floor(y), left = std::floor(x);
  double sum = 0;
  for (int i = 0; i < 4; ++i) {
    const double row = top + i / 2, column = left + i % 2;
    const bool inside = row >= 0 && column >= 0 && row < static_cast<double>(sizes[0]) &&
                        column < static_cast<double>(sizes[1]);
    if (!inside) continue;
    const double weight = (1 - std::fabs(y - row)) * (1 - std::fabs(x - column));
    const std::int64_t at =
        static_cast<std::int64_t>(row) * sizes[1] + static_cast<std::int64_t>(column);
    sum += weight * static_cast<double>(plane[at]);
  }
  return sum;
}

// Operands that fit each other.
struct Deformed {
  Convolution conv;
  std::int64_t offset_groups = 1;
};

Result<Deformed> deformed_of(const OpCall& call, OpInputs inputs) {
  Deformed d;
  TENBIN_TRY(d.conv, convolution_of(call, inputs[0]->shape(), inputs[1]->shape()));
  d.offset_groups = call.integer("offset_group", 1);
  if (d.conv.window.in.size() != 2) return bad_operands(call, "planes that are no images");
  if (d.offset_groups < 1 || d.conv.in_channels % d.offset_groups != 0) {
    return bad_operands(call, std::to_string(d.offset_groups) + " groups of offsets");
  }
  const std::int64_t each = d.offset_groups * d.conv.window.taps();
  Shape wanted = {d.conv.batch, 2 * each, d.conv.window.out[0], d.conv.window.out[1]};
  if (inputs[2]->shape() != wanted) {
    return bad_operands(call,
                        "offsets " + to_text(inputs[2]->shape()) + ", expected " + to_text(wanted));
  }
  wanted[1] = each;
  const Tensor* mask = input_of(inputs, 4);
  if (mask != nullptr && mask->shape() != wanted) {
    return bad_operands(call, "mask " + to_text(mask->shape()) + ", expected " + to_text(wanted));
  }
  const Tensor* bias = input_of(inputs, 3);
  if (bias != nullptr && bias->count() != d.conv.out_channels) {
    return bad_operands(call, "bias " + to_text(bias->shape()));
  }
  return d;
}

// What the window meets at one place of the result, for each channel and tap.
template <class T>
void collect(OpInputs inputs, const Deformed& d, std::int64_t b, std::int64_t place,
             std::vector<double>& column) {
  const Window& w = d.conv.window;
  const Tensor* mask = input_of(inputs, 4);
  const std::int64_t taps = w.taps(), out_plane = count_of(w.out), in_plane = count_of(w.in);
  const std::int64_t per_group = d.conv.in_channels / d.offset_groups;
  for (std::int64_t c = 0; c < d.conv.in_channels; ++c) {
    const T* plane = inputs[0]->data<T>().data() + (b * d.conv.in_channels + c) * in_plane;
    for (std::int64_t t = 0; t < taps; ++t) {
      const std::int64_t entry = (b * d.offset_groups + c / per_group) * taps + t;
      const T* offset = inputs[2]->data<T>().data() + 2 * entry * out_plane + place;
      const auto at = [&](std::size_t axis, std::int64_t out, std::int64_t tap) {
        return static_cast<double>(out * w.strides[axis] - w.before[axis] +
                                   tap * w.dilations[axis]);
      };
      const double y = at(0, place / w.out[1], t / w.kernel[1]) + static_cast<double>(offset[0]);
      const double x =
          at(1, place % w.out[1], t % w.kernel[1]) + static_cast<double>(offset[out_plane]);
      double value = between(plane, w.in, y, x);
      if (mask != nullptr) {
        value *= static_cast<double>(mask->data<T>().data()[entry * out_plane + place]);
      }
      column[static_cast<std::size_t>(c * taps + t)] = value;
    }
  }
}

template <class T> Outputs deform(OpInputs inputs, const Deformed& d) {
  TENBIN_TRY(Tensor out, checked_tensor(inputs[0]->type(), d.conv.shape));
  const Tensor* bias = input_of(inputs, 3);
  const std::int64_t places = count_of(d.conv.window.out), outs = d.conv.out_channels;
  const std::int64_t each = d.conv.in_channels / d.conv.groups * d.conv.window.taps();
  std::vector<double> column(static_cast<std::size_t>(d.conv.in_channels * d.conv.window.taps()));
  const auto y = out.data<T>();
  for (std::int64_t i = 0; i < d.conv.batch * places; ++i) {
    const std::int64_t b = i / places, place = i % places;
    collect<T>(inputs, d, b, place, column);
    for (std::int64_t o = 0; o < outs; ++o) {
      const T* weights = inputs[1]->data<T>().data() + o * each;
      const double* from = column.data() + o / (outs / d.conv.groups) * each;
      double sum =
          bias == nullptr ? 0 : static_cast<double>(bias->data<T>()[static_cast<std::size_t>(o)]);
      for (std::int64_t k = 0; k < each; ++k) sum += from[k] * static_cast<double>(weights[k]);
      y[static_cast<std::size_t>((b * outs + o) * places + place)] = static_cast<T>(sum);
    }
  }
  return one(std::move(out));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 3));
  for (const Tensor* input : inputs) {
    if (input != nullptr) TENBIN_CHECK(need_type(call, *input, inputs[0]->type()));
  }
  TENBIN_TRY(const Deformed d, deformed_of(call, inputs));
  return typed(call, inputs[0]->type(), kReals, [&]<class T>() { return deform<T>(inputs, d); });
}

}  // namespace

const OpEntry& op_deform_conv() {
  static const OpEntry entry{"",      {"DeformConv"}, "Convolution at places moved by offsets.",
                             compute, nullptr,        nullptr};
  return entry;
}

}  // namespace tenbin

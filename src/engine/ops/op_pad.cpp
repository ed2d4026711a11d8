// SPDX-License-Identifier: Apache-2.0
#include "engine/axes.h"

namespace tenbin {
namespace {

struct Border {
  std::vector<std::int64_t> before, after;
};

Result<Border> border_of(const OpCall& call, OpInputs inputs, std::size_t rank) {
  const char* name = call.find("paddings") != nullptr ? "paddings" : "pads";
  TENBIN_TRY(const auto pads, integers_of(call, inputs, 1, name));
  TENBIN_TRY(auto axes, integers_of(call, inputs, 3, ""));
  if (axes.empty() && pads.size() == 2 * rank) {
    for (std::size_t d = 0; d < rank; ++d) axes.push_back(static_cast<std::int64_t>(d));
  }
  if (pads.size() != 2 * axes.size()) {
    return bad_operands(call, "pads of " + std::to_string(pads.size()) + " values, expected " +
                                  std::to_string(2 * (axes.empty() ? rank : axes.size())));
  }
  Border out{std::vector<std::int64_t>(rank, 0), std::vector<std::int64_t>(rank, 0)};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    TENBIN_TRY(const std::int64_t axis, axis_of(call, axes[i], rank));
    out.before[static_cast<std::size_t>(axis)] = pads[i];
    out.after[static_cast<std::size_t>(axis)] = pads[i + axes.size()];
  }
  return out;
}

// Where an element outside comes from.
std::int64_t outside(const std::string& mode, std::int64_t at, std::int64_t size) {
  if (mode == "edge") return at < 0 ? 0 : size - 1;
  if (mode == "wrap") return (at % size + size) % size;
  if (mode != "reflect") return -1;
  if (size == 1) return 0;
  const std::int64_t period = 2 * (size - 1);
  const std::int64_t place = (at % period + period) % period;
  return place < size ? place : period - place;
}

// The middle of each named axis, with as much around it as is asked for.
Result<std::vector<Tensor>> centre(const OpCall& call, OpInputs inputs) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& in = *inputs[0];
  Shape shape = in.shape();
  TENBIN_TRY(const auto sizes, integers_of(call, *inputs[1]));
  std::vector<std::int64_t> axes = call.integers("axes");
  if (axes.empty()) {
    for (std::size_t d = 0; d < shape.size(); ++d) axes.push_back(static_cast<std::int64_t>(d));
  }
  if (sizes.size() != axes.size()) {
    return bad_operands(
        call, std::to_string(sizes.size()) + " sizes for " + std::to_string(axes.size()) + " axes");
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    TENBIN_TRY(const std::int64_t axis, axis_of(call, axes[i], shape.size()));
    shape[static_cast<std::size_t>(axis)] = sizes[i];
  }
  const Tensor fill(in.type(), {});
  TENBIN_TRY(Tensor out, picked(
                             in, shape,
                             [&](std::size_t d, std::int64_t i) {
                               const std::int64_t size = in.shape()[d];
                               if (shape[d] <= size) return i + (size - shape[d]) / 2;
                               const std::int64_t at = i - (shape[d] - size) / 2;
                               return at < size ? at : -1;
                             },
                             &fill));
  return one(std::move(out));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  if (call.op == "CenterCropPad") return centre(call, inputs);
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  const std::string mode = call.text("mode", "constant");
  if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap") {
    return bad_operands(call, "mode '" + mode + "', expected constant, reflect, edge or wrap");
  }
  TENBIN_TRY(const Border border, border_of(call, inputs, in.shape().size()));
  Shape shape = in.shape();
  for (std::size_t d = 0; d < shape.size(); ++d) {
    std::int64_t& size = shape[d];
    if (__builtin_add_overflow(size, border.before[d], &size) ||
        __builtin_add_overflow(size, border.after[d], &size) || size < 0) {
      return bad_operands(call, "pads of " + std::to_string(border.before[d]) + " and " +
                                    std::to_string(border.after[d]) + " around " +
                                    to_text(in.shape()));
    }
    if (mode != "constant" && in.shape()[d] == 0 && size > 0) {
      return bad_operands(call, "mode '" + mode + "' around an axis of size 0");
    }
  }
  Tensor fill(in.type(), {});
  if (const Tensor* given = input_of(inputs, 2); given != nullptr) {
    TENBIN_CHECK(need_type(call, *given, in.type()));
    if (given->count() != 1) return bad_operands(call, "more than one value to fill with");
    fill = *given;
  } else if (in.type() == ElementType::kFloat32) {
    fill.data<float>()[0] = call.number("value", 0);
  } else if (in.type() == ElementType::kFloat64) {
    fill.data<double>()[0] = static_cast<double>(call.number("value", 0));
  }
  TENBIN_TRY(Tensor out, picked(
                             in, shape,
                             [&](std::size_t d, std::int64_t i) {
                               const std::int64_t at = i - border.before[d], size = in.shape()[d];
                               return at >= 0 && at < size ? at : outside(mode, at, size);
                             },
                             &fill));
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor pads = Tensor::of<std::int64_t>({4}, {1, 2, 0, 1});
  return {{"a constant", op_call("Pad", 3), {x, pads, Tensor::scalar(7.0F)}, {false, true}, false},
          {"mirrored",
           op_call("Pad", 2, {{"mode", std::string("reflect")}}),
           {x, pads},
           {false, true},
           false},
          {"the edge",
           op_call("Pad", 2, {{"mode", std::string("edge")}}),
           {x, pads},
           {false, true},
           false}};
}

}  // namespace

const OpEntry& op_pad() {
  static const OpEntry entry{
      "", {"Pad", "CenterCropPad"}, "A border around each axis.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/axes.h"

namespace tenbin {
namespace {

struct Range {
  std::int64_t begin = 0, step = 1, count = 0;
};

// A Python slice of an axis of `size`: ends may lie far outside.
Range range_of(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t size) {
  const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  const auto place = [&](std::int64_t at) {
    if (at < 0) at = at < -size ? low : at + size;
    return std::clamp(at, low, high);
  };
  const std::int64_t begin = place(start), stop = place(end);
  const std::int64_t span = step > 0 ? stop - begin : begin - stop;
  const std::int64_t stride = step == INT64_MIN ? INT64_MAX : std::abs(step);
  return {begin, step, span <= 0 ? 0 : (span - 1) / stride + 1};
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  TENBIN_TRY(const auto starts, integers_of(call, inputs, 1, "starts"));
  TENBIN_TRY(const auto ends, integers_of(call, inputs, 2, "ends"));
  TENBIN_TRY(auto axes, integers_of(call, inputs, 3, "axes"));
  TENBIN_TRY(auto steps, integers_of(call, inputs, 4, "steps"));
  if (axes.empty()) {
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    return bad_operands(call, "starts, ends, axes and steps of different lengths");
  }
  Shape shape = in.shape();
  std::vector<Range> ranges(shape.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    TENBIN_TRY(const std::int64_t axis, axis_of(call, axes[i], shape.size()));
    if (steps[i] == 0) return bad_operands(call, "step of 0");
    const auto d = static_cast<std::size_t>(axis);
    ranges[d] = range_of(starts[i], ends[i], steps[i], in.shape()[d]);
    shape[d] = ranges[d].count;
  }
  TENBIN_TRY(Tensor out, picked(in, shape, [&](std::size_t d, std::int64_t i) {
               return ranges[d].begin + i * ranges[d].step;
             }));
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"backwards on the second axis",
           op_call("Slice", 5),
           {Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::of<std::int64_t>({1}, {-1}),
            Tensor::of<std::int64_t>({1}, {INT64_MIN}), Tensor::of<std::int64_t>({1}, {1}),
            Tensor::of<std::int64_t>({1}, {-2})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_slice() {
  static const OpEntry entry{"", {"Slice"}, "A range of some axes.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

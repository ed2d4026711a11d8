// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/limits.h"
#include "engine/convert.h"
#include "engine/typed.h"

namespace tenbin {
namespace {

Result<std::vector<std::int64_t>> indices_of(const OpCall& call, const Tensor& in) {
  std::vector<std::int64_t> out;
  const auto read = [&]<class T>() {
    for (const T x : in.data<T>()) out.push_back(converted<std::int64_t>(x));
    return std::vector<Tensor>();
  };
  TENBIN_CHECK(typed(call, in.type(), kNumbers, read));
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 3));
  const Tensor& values = *inputs[2];
  TENBIN_TRY(const auto indices, indices_of(call, *inputs[0]));
  TENBIN_TRY(const double given, number_of(call, *inputs[1]));
  if (!(given >= 0 && given <= static_cast<double>(limits::kTensorElements))) {
    return bad_operands(call, "depth of " + std::to_string(given));
  }
  const auto depth = static_cast<std::int64_t>(given);
  if (values.shape() != Shape{2}) return bad_operands(call, "values " + to_text(values.shape()));
  Shape shape = inputs[0]->shape();
  TENBIN_TRY(const std::int64_t axis, axis_of(call, call.integer("axis", -1), shape.size() + 1));
  shape.insert(shape.begin() + axis, depth);
  TENBIN_TRY(Tensor out, checked_tensor(values.type(), shape));
  const AxisView view = around_axis(shape, axis);
  moved(out.type(), [&]<class T>() {
    const auto off_on = cells<T>(values);
    const auto to = cells<T>(out);
    std::fill(to.begin(), to.end(), off_on[0]);
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const std::int64_t mark = indices[i] < 0 ? indices[i] + depth : indices[i];
      if (mark < 0 || mark >= depth) continue;  // a row without a mark
      const auto at = static_cast<std::int64_t>(i);
      const std::int64_t place = (at / view.inner * depth + mark) * view.inner + at % view.inner;
      to[static_cast<std::size_t>(place)] = off_on[1];
    }
  });
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"marks, one outside",
           op_call("OneHot", 3),
           {Tensor::of<std::int64_t>({3}, {0, 2, 5}), Tensor::scalar<std::int64_t>(3),
            Tensor::of<float>({2}, {0, 1})},
           {false, true},
           false}};
}

}  // namespace

const OpEntry& op_one_hot() {
  static const OpEntry entry{"",      {"OneHot"}, "An axis with one mark for each index.",
                             compute, nullptr,    probes};
  return entry;
}

}  // namespace tenbin

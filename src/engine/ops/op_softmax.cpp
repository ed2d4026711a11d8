// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  if (in.type() != ElementType::kFloat32) return bad_element_type(call, in.type(), "float32");
  TENBIN_TRY(const std::int64_t found, axis_of(call, call.integer("axis", -1), in.shape().size()));
  const auto axis = static_cast<std::size_t>(found);
  std::int64_t outer = 1, inner = 1;
  for (std::size_t d = 0; d < axis; ++d) outer *= in.shape()[d];
  for (std::size_t d = axis + 1; d < in.shape().size(); ++d) inner *= in.shape()[d];
  const std::int64_t size = in.shape()[axis];
  Tensor out(in.type(), in.shape());
  const auto x = in.data<float>();
  auto y = out.data<float>();
  const bool log = call.op == "LogSoftmax";
  for (std::int64_t i = 0; i < outer * inner; ++i) {
    const std::int64_t base = i / inner * size * inner + i % inner;
    const auto at = [&](std::int64_t k) { return static_cast<std::size_t>(base + k * inner); };
    float top = x[at(0)];
    for (std::int64_t k = 1; k < size; ++k) top = std::max(top, x[at(k)]);
    float sum = 0;
    for (std::int64_t k = 0; k < size; ++k) sum += y[at(k)] = std::exp(x[at(k)] - top);
    for (std::int64_t k = 0; k < size; ++k) {
      y[at(k)] = log ? x[at(k)] - top - std::log(sum) : y[at(k)] / sum;
    }
  }
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"along the last axis",
           op_call("Softmax", 1),
           {Tensor::of<float>({2, 3}, {1, 2, 3, 3, 2, 0})},
           {}},
          {"logarithms", op_call("LogSoftmax", 1), {Tensor::of<float>({1, 3}, {1, 2, 100})}, {}}};
}

}  // namespace

const OpEntry& op_softmax() {
  static const OpEntry entry{
      "",    {"Softmax", "LogSoftmax"}, "Shares that sum to one along an axis.", compute, nullptr,
      probes};
  return entry;
}

}  // namespace tenbin

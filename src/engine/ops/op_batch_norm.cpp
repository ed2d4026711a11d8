// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 5));
  const Tensor& src = *inputs[0];
  if (src.type() != ElementType::kFloat32) return bad_element_type(call, src.type(), "float32");
  if (src.shape().size() < 2) return bad_operands(call, "shape " + to_text(src.shape()));
  const std::int64_t channels = src.shape()[1];
  for (std::size_t i = 1; i < 5; ++i) {
    if (inputs[i]->count() != channels)
      return bad_operands(call, "a vector does not fit the channels");
  }
  const std::int64_t inner = src.count() / std::max<std::int64_t>(src.shape()[0] * channels, 1);
  const auto epsilon = static_cast<double>(call.number("epsilon", 1e-5F));
  const auto of = [&](std::size_t input, std::int64_t c) {
    return static_cast<double>(inputs[input]->data<float>()[static_cast<std::size_t>(c)]);
  };
  Tensor out(src.type(), src.shape());
  for (std::int64_t i = 0; i < src.count(); ++i) {
    const std::int64_t c = i / inner % channels;
    const auto at = static_cast<std::size_t>(i);
    const double centred = static_cast<double>(src.data<float>()[at]) - of(3, c);
    out.data<float>()[at] =
        static_cast<float>(centred / std::sqrt(of(4, c) + epsilon) * of(1, c) + of(2, c));
  }
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"two channels",
           op_call("BatchNormalization", 5),
           {Tensor::of<float>({1, 2, 1, 2}, {1, 2, 3, 4}), Tensor::of<float>({2}, {1, 2}),
            Tensor::of<float>({2}, {0, 1}), Tensor::of<float>({2}, {1, 3}),
            Tensor::of<float>({2}, {4, 1})},
           {false, true, true, true, true},
           false}};
}

}  // namespace

const OpEntry& op_batch_norm() {
  static const OpEntry entry{"",
                             {"BatchNormalization"},
                             "Channels brought to a stored mean and variance.",
                             compute,
                             nullptr,
                             probes};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve.h"

namespace tenbin {
namespace {

template <class T> Result<std::vector<Tensor>> conv(const OpCall& call, OpInputs inputs) {
  const Tensor &src = *inputs[0], &weights = *inputs[1];
  const Tensor* bias = input_of(inputs, 2);
  TENBIN_TRY(const Convolution c, convolution_of(call, src.shape(), weights.shape()));
  if (bias != nullptr && bias->count() != c.out_channels) {
    return bad_operands(call, "bias " + to_text(bias->shape()) + " for " +
                                  std::to_string(c.out_channels) + " channels");
  }
  TENBIN_TRY(Tensor out, checked_tensor(src.type(), c.shape));
  const auto to = out.data<T>();
  convolve<T, double>(c, src.data<T>(), weights.data<T>(),
                      [&](std::size_t i, std::size_t channel, double sum) {
                        if (bias != nullptr) sum += static_cast<double>(bias->data<T>()[channel]);
                        to[i] = static_cast<T>(sum);
                      });
  return one(std::move(out));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  for (std::size_t i = 1; i < inputs.size() && inputs[i] != nullptr; ++i) {
    TENBIN_CHECK(need_type(call, *inputs[i], inputs[0]->type()));
  }
  return typed(call, inputs[0]->type(), kReals, [&]<class T>() { return conv<T>(call, inputs); });
}

std::vector<OpProbe> probes() {
  const Attributes padded = {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}};
  Attributes grouped = padded;
  grouped["group"] = std::int64_t{4};
  grouped["strides"] = std::vector<std::int64_t>{2, 2};
  const Attributes dilated = {{"group", std::int64_t{2}},
                              {"dilations", std::vector<std::int64_t>{2, 2}},
                              {"pads", std::vector<std::int64_t>{2, 1, 2, 1}}};
  return {{"3x3, padded, with bias",
           op_call("Conv", 3, padded),
           {ramp({2, 3, 6, 6}), ramp({4, 3, 3, 3}), ramp({4})},
           {false, true, true}},
          {"depthwise with stride",
           op_call("Conv", 2, grouped),
           {ramp({1, 4, 6, 6}), ramp({4, 1, 3, 3})},
           {false, true}},
          {"dilated, in two groups",
           op_call("Conv", 3, dilated),
           {ramp({2, 4, 7, 7}), ramp({6, 2, 3, 3}), ramp({6})},
           {false, true, true}},
          {"wide enough for blocks of channels",
           op_call("Conv", 3, padded),
           {ramp({1, 16, 5, 5}), ramp({32, 16, 3, 3}), ramp({32})},
           {false, true, true}}};
}

}  // namespace

const OpEntry& op_conv() {
  static const OpEntry entry{"",      {"Conv"}, "Convolution over any number of axes.",
                             compute, nullptr,  probes};
  return entry;
}

}  // namespace tenbin

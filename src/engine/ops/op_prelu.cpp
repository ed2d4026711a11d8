// SPDX-License-Identifier: Apache-2.0
#include "engine/typed.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 2));
  const Tensor& in = *inputs[0];
  Tensor slope = *inputs[1];
  TENBIN_CHECK(need_type(call, slope, in.type()));
  // Before operator set 7 a vector held one slope for each channel.
  const Shape& shape = in.shape();
  if (call.opset < 7 && slope.shape().size() == 1 && slope.count() > 1 && shape.size() > 2) {
    Shape channels(shape.size() - 1, 1);
    channels[0] = slope.count();
    slope.reshape(std::move(channels));
  }
  TENBIN_TRY(const Shape joined, broadcast(shape, slope.shape()));
  if (joined != shape) {
    return bad_operands(call, "slope " + to_text(slope.shape()) + " of " + to_text(shape));
  }
  return typed(call, in.type(), kNumbers, [&]<class T>() {
    return binary<T, T>(in, slope, [](T x, T a) { return x < T{0} ? x * a : Wide<T>(x); });
  });
}

std::vector<OpProbe> probes() {
  return {{"one slope a channel",
           op_call("PRelu", 2),
           {Tensor::of<float>({1, 2, 2}, {-1, 2, -3, 4}), Tensor::of<float>({2, 1}, {0.5F, 0.1F})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_prelu() {
  static const OpEntry entry{"",      {"PRelu"}, "Leaky rectifier with a learned slope.",
                             compute, nullptr,   probes};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/elementwise.h"

namespace tenbin {
namespace {

template <class T> std::vector<Tensor> cut(const Tensor& in, float threshold) {
  return one(unary<T, T>(in, [threshold](T x) {
    return static_cast<double>(x) > static_cast<double>(threshold) ? T{1} : T{0};
  }));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const float threshold = call.number("threshold", 0);
  switch (inputs[0]->type()) {
    case ElementType::kFloat32: return cut<float>(*inputs[0], threshold);
    case ElementType::kFloat64: return cut<double>(*inputs[0], threshold);
    case ElementType::kInt64: return cut<std::int64_t>(*inputs[0], threshold);
    case ElementType::kInt32: return cut<std::int32_t>(*inputs[0], threshold);
    default: break;
  }
  return bad_element_type(call, inputs[0]->type(), "float32, float64, int64 or int32");
}

std::vector<OpProbe> probes() {
  return {{"the threshold itself is below",
           op_call("Binarizer", 1, {{"threshold", 0.5F}}, "ai.onnx.ml"),
           {Tensor::of<float>({2, 2}, {0.25F, 0.5F, 0.75F, -1})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_binarizer() {
  static const OpEntry entry{"ai.onnx.ml", {"Binarizer"}, "1 above a threshold, else 0.",
                             compute,      nullptr,       probes};
  return entry;
}

}  // namespace tenbin

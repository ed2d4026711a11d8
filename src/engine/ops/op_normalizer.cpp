// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/elementwise.h"

namespace tenbin {
namespace {

// Size of a row in the norm; ONNX Runtime leaves a row of zeros as it is, so do we.
double norm_of(std::span<const float> row, const std::string& norm) {
  double size = 0;
  for (const float x : row) {
    const auto v = static_cast<double>(x);
    if (norm == "MAX") size = std::max(size, v);
    if (norm == "L1") size += std::fabs(v);
    if (norm == "L2") size += v * v;
  }
  return norm == "L2" ? std::sqrt(size) : size;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  const std::string norm = call.text("norm", "MAX");
  if (in.type() != ElementType::kFloat32) return bad_element_type(call, in.type(), "float32");
  if (norm != "MAX" && norm != "L1" && norm != "L2") {
    return bad_operands(call, "norm '" + norm + "', expected one of MAX, L1, L2");
  }
  Tensor out = in;
  const auto width = static_cast<std::size_t>(in.shape().empty() ? 1 : in.shape().back());
  auto values = out.data<float>();
  for (std::size_t at = 0; width > 0 && at < values.size(); at += width) {
    const auto row = values.subspan(at, width);
    const double size = norm_of(row, norm);
    if (size == 0) continue;
    for (float& x : row) x = static_cast<float>(static_cast<double>(x) / size);
  }
  return one(std::move(out));
}

std::vector<OpProbe> probes() {
  return {{"unit length",
           op_call("Normalizer", 1, {{"norm", std::string("L2")}}, "ai.onnx.ml"),
           {Tensor::of<float>({2, 2}, {3, 4, 0, 0})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_normalizer() {
  static const OpEntry entry{"ai.onnx.ml", {"Normalizer"}, "Rows brought to size one.",
                             compute,      nullptr,        probes};
  return entry;
}

}  // namespace tenbin

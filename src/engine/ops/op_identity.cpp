// SPDX-License-Identifier: Apache-2.0
#include "engine/elementwise.h"

namespace tenbin {
namespace {

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  return one(*inputs[0]);
}

Result<std::vector<Value>> compute_values(const OpCall& call, OpValues inputs, Bodies&) {
  if (inputs.size() != 1 || !inputs[0].given) return bad_operands(call, "no input");
  return std::vector<Value>{inputs[0].copy()};
}

std::vector<OpProbe> probes() {
  return {{"nothing changed", op_call("Identity", 1), {Tensor::of<float>({2, 1}, {1, 2})}, {}}};
}

}  // namespace

const OpEntry& op_identity() {
  static const OpEntry entry{.domain = "",
                             .ops = {"Identity"},
                             .doc = "The value itself, whatever it is.",
                             .compute = compute,
                             .probes = probes,
                             .compute_values = compute_values};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/typed.h"

namespace tenbin {
namespace {

template <class T> Tensor vector_of(const std::vector<T>& values) {
  return Tensor::of<T>({static_cast<std::int64_t>(values.size())}, std::span<const T>(values));
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs, const void*) {
  for (const auto& [name, value] : call.attributes) {
    if (const auto* tensor = std::get_if<Tensor>(&value)) return one(*tensor);
    if (name == "value_int") return one(Tensor::scalar(call.integer(name, 0)));
    if (name == "value_float") return one(Tensor::scalar(call.number(name, 0)));
    if (name == "value_string") return one(Tensor::scalar(call.text(name, "")));
    if (name == "value_ints") return one(vector_of(call.integers(name)));
    if (name == "value_floats") return one(vector_of(call.numbers(name)));
    if (name == "value_strings") return one(vector_of(call.texts(name)));
  }
  return Error(ErrorCode::kBadModel,
               "operator 'Constant' without a value, expected one of value, "
               "value_int, value_float, value_string and their lists",
               "node '" + call.name + "'");
}

std::vector<OpProbe> probes() {
  return {{"numbers in a row",
           op_call("Constant", 0, {{"value_floats", std::vector<float>{1, 2.5F}}}),
           {},
           {},
           false}};
}

}  // namespace

const OpEntry& op_constant() {
  static const OpEntry entry{"", {"Constant"}, "A value of the model.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

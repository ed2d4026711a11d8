// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "engine/convert.h"
#include "engine/typed.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

// A bound: operand i, or the attribute that operator sets before 11 had in its place.
template <class T>
Result<T> bound(const OpCall& call, OpInputs inputs, std::size_t i, const char* attribute,
                T fallback) {
  const Tensor* given = input_of(inputs, i);
  if (given == nullptr) {
    if (call.find(attribute) == nullptr) return fallback;
    return converted<T>(call.number(attribute, 0));
  }
  TENBIN_CHECK(need_type(call, *given, kElementOf<T>));
  if (given->count() != 1) return bad_operands(call, "bound of " + to_text(given->shape()));
  return given->data<T>()[0];
}

template <class T> Outputs clip(const OpCall& call, OpInputs inputs) {
  using Limits = std::numeric_limits<Wide<T>>;
  Wide<T> least = Limits::lowest(), most = Limits::max();
  if constexpr (kIsReal<T>) {
    least = -Limits::infinity();
    most = Limits::infinity();
  }
  TENBIN_TRY(const T low, bound<T>(call, inputs, 1, "min", static_cast<T>(least)));
  TENBIN_TRY(const T high, bound<T>(call, inputs, 2, "max", static_cast<T>(most)));
  return one(unary<T, T>(*inputs[0], [&](T x) {
    const T raised = x < low ? low : x;
    return high < raised ? high : raised;
  }));
}

Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  return typed(call, inputs[0]->type(), kNumbers, [&]<class T>() { return clip<T>(call, inputs); });
}

std::vector<OpProbe> probes() {
  const Tensor x = Tensor::of<float>({2, 2}, {-5, 0.5F, 2, 9});
  return {{"both bounds",
           op_call("Clip", 3),
           {x, Tensor::scalar(0.0F), Tensor::scalar(6.0F)},
           {false, true, true},
           false},
          {"from above alone",
           op_call("Clip", 3),
           {x, Tensor(), Tensor::scalar(1.0F)},
           {false, true, true},
           false}};
}

}  // namespace

const OpEntry& op_clip() {
  static const OpEntry entry{"",      {"Clip"}, "Elements kept within bounds.",
                             compute, nullptr,  probes};
  return entry;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/typed.h"
#include "platform/random.h"

namespace tenbin {
namespace {

using Outputs = Result<std::vector<Tensor>>;

template <class T> void drop(Tensor& out, Tensor& mask, double ratio, Random random) {
  const auto values = out.data<T>();
  const auto kept = mask.data<bool>();
  const double scale = ratio < 1 ? 1 / (1 - ratio) : 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    kept[i] = random.uniform() >= ratio;
    values[i] = static_cast<T>(kept[i] ? static_cast<double>(values[i]) * scale : 0.0);
  }
}

// Nothing is dropped unless the call itself asks for training (operator set 12 and later).
Outputs compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  std::vector<Tensor> out = {*inputs[0], Tensor(ElementType::kBool, inputs[0]->shape())};
  double ratio = 0.5, training = 0;
  if (const Tensor* given = input_of(inputs, 1); given != nullptr) {
    TENBIN_TRY(ratio, number_of(call, *given));
  }
  if (const Tensor* given = input_of(inputs, 2); given != nullptr) {
    TENBIN_TRY(training, number_of(call, *given));
  }
  if (!(ratio >= 0 && ratio <= 1)) {
    return bad_operands(call, "ratio " + std::to_string(ratio) + ", expected 0 to 1");
  }
  if (training == 0 || ratio == 0) {
    for (bool& kept : out[1].data<bool>()) kept = true;
    return out;
  }
  const Random random(static_cast<std::uint64_t>(call.integer("seed", 0)));
  return typed(call, out[0].type(), kReals, [&]<class T>() -> Outputs {
    drop<T>(out[0], out[1], ratio, random);
    return std::move(out);
  });
}

std::vector<OpProbe> probes() {
  return {{"nothing dropped outside training",
           op_call("Dropout", 2),
           {Tensor::of<float>({2, 2}, {1, 2, 3, 4}), Tensor::scalar<float>(0.4F)},
           {false, true}}};
}

}  // namespace

const OpEntry& op_dropout() {
  static const OpEntry entry{"",      {"Dropout"}, "Elements left out at random in training.",
                             compute, nullptr,     probes};
  return entry;
}

}  // namespace tenbin

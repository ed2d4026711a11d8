// SPDX-License-Identifier: Apache-2.0
#include "graph/schema.h"

namespace tenbin {
namespace {

// Y with every step, then the last state (of an LSTM, the last cell too).
Status infer_recurrent(InferCall& call) {
  const bool batch_first = call.call.integer("layout", 0) == 1;
  const Shape *x = call.shape(0), *r = call.shape(2);
  for (const Shape* operand : {x, call.shape(1), r}) {
    if (operand != nullptr && operand->size() != 3) {
      return call.bad_shape("operand " + to_text(*operand) + ", expected three dimensions");
    }
  }
  const std::int64_t directions = call.call.text("direction", "forward") == "bidirectional" ? 2 : 1;
  const std::int64_t steps = x == nullptr ? -1 : (*x)[batch_first ? 1 : 0];
  const std::int64_t batch = x == nullptr ? -1 : (*x)[batch_first ? 0 : 1];
  const std::int64_t hidden = r != nullptr ? (*r)[2] : call.call.integer("hidden_size", -1);
  const Shape y = batch_first ? Shape{batch, steps, directions, hidden}
                              : Shape{steps, directions, batch, hidden};
  const Shape state =
      batch_first ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden};
  call.set(0, call.type(0), y);
  call.set(1, call.type(0), state);
  call.set(2, call.type(0), state);
  return {};
}

// All steps: each gate reads the input and the state.
std::int64_t recurrent_macs(const InferCall& call) {
  const Shape *x = call.shape(0), *w = call.shape(1), *r = call.shape(2);
  if (x == nullptr || w == nullptr || r == nullptr) return 0;
  if (!is_static(*x) || !is_static(*w) || !is_static(*r)) return 0;
  std::int64_t each = 0, all = 0;
  if (__builtin_add_overflow(count_of(*w), count_of(*r), &each)) return 0;
  return __builtin_mul_overflow(each, (*x)[0] * (*x)[1], &all) ? 0 : all;
}

}  // namespace

const SchemaFamily& schema_recurrent();
const SchemaFamily& schema_recurrent() {
  static const SchemaFamily family{"recurrent",
                                   {{"",
                                     {"RNN", "GRU", "LSTM"},
                                     "Layers that carry a state from step to step.",
                                     infer_recurrent,
                                     recurrent_macs,
                                     {1, 2, 3, 7},
                                     {}}}};
  return family;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "engine/recurrent.h"
#include "engine/recurrent_case.h"

namespace tenbin {
namespace {

template <class T> std::vector<Tensor> run(const Recurrent& r) {
  Tensor y(kElementOf<T>, r.y_shape()), last(kElementOf<T>, r.state_shape());
  for (std::int64_t d = 0; d < r.directions; ++d) {
    const std::vector<T> projected = project<T>(r, d, joined_bias<T>(r, d, 1));
    const std::vector<T> recurrence = turned<T>(*r.r, d, 0, r.hidden);
    const GateActivation f = r.activation(d, 0);
    std::vector<T> h = load_state<T>(r, r.initial_h, d);
    walk_time(r, d, projected, h, y, [&](T* gates, const std::vector<std::int64_t>& rows) {
      row_product(r.batch, r.hidden, r.hidden, h.data(), recurrence.data(), gates, true);
      for (const std::int64_t b : rows) {
        for (std::int64_t i = b * r.hidden; i < (b + 1) * r.hidden; ++i) {
          h[static_cast<std::size_t>(i)] = f(r.clipped(gates[i]));
        }
      }
    });
    store_state(r, h, d, last);
  }
  std::vector<Tensor> out;
  out.push_back(std::move(y));
  out.push_back(std::move(last));
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_TRY(const Recurrent r, check_recurrent(call, inputs, 1, {"Tanh"}));
  return r.x->type() == ElementType::kFloat32 ? run<float>(r) : run<double>(r);
}

std::vector<OpProbe> probes() { return recurrent_probes("RNN", 1, 2); }

}  // namespace

const OpEntry& op_rnn() {
  static const OpEntry entry{"", {"RNN"}, "Recurrent layer of one gate.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

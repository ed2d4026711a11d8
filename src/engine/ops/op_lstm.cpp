// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/functions.h"
#include "engine/recurrent.h"
#include "engine/recurrent_case.h"

namespace tenbin {
namespace {

struct Lstm {
  Recurrent r;
  const Tensor* initial_c = nullptr;
  const Tensor* peepholes = nullptr;  // [directions, 3*hidden]: input, output, forget
  bool input_forget = false;          // the forget gate is what the input gate leaves
};

template <class T> struct Peepholes {
  const T *input = nullptr, *output = nullptr, *forget = nullptr;  // [hidden] or null
  static T at(const T* weights, std::int64_t i, T cell) {
    return weights == nullptr ? T{0} : weights[i] * cell;
  }
};

// New hidden and cell values of one row; gates in the order input, output, forget, cell.
template <class T>
void cell_row(const Lstm& l, std::int64_t d, const Peepholes<T>& p, const T* gates, T* h, T* c) {
  const Recurrent& r = l.r;
  const GateActivation &f = r.activation(d, 0), &g = r.activation(d, 1), &out = r.activation(d, 2);
  const std::int64_t n = r.hidden;
  for (std::int64_t i = 0; i < n; ++i) {
    const T before = c[i];
    const T in = f(r.clipped(gates[i] + Peepholes<T>::at(p.input, i, before)));
    const T forget = l.input_forget
                         ? T{1} - in
                         : f(r.clipped(gates[2 * n + i] + Peepholes<T>::at(p.forget, i, before)));
    c[i] = forget * before + in * g(r.clipped(gates[3 * n + i]));
    const T o = f(r.clipped(gates[n + i] + Peepholes<T>::at(p.output, i, c[i])));
    h[i] = o * out(c[i]);
  }
}

// Whether the vectorised cell, which knows the usual functions alone, is this layer's.
bool is_usual(const Lstm& l) {
  using Kind = GateActivation::Kind;
  const auto& all = l.r.activations;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].kind != (i % 3 == 0 ? Kind::kSigmoid : Kind::kTanh)) return false;
  }
  return l.peepholes == nullptr && !l.input_forget && l.r.clip <= 0;
}

void usual_row(const Lstm& l, float* gates, float* h, float* c, std::vector<float>& before) {
  before.assign(c, c + l.r.hidden);
  kernels::lstm_cell({1, l.r.hidden}, gates, before.data(), c, h);
}
void usual_row(const Lstm&, double*, double*, double*, std::vector<double>&) {}

template <class T> std::vector<Tensor> run(const Lstm& l) {
  const Recurrent& r = l.r;
  const std::int64_t n = r.hidden;
  Tensor y(kElementOf<T>, r.y_shape());
  const bool usual = std::is_same_v<T, float> && is_usual(l);
  Tensor last_h(kElementOf<T>, r.state_shape()), last_c(kElementOf<T>, r.state_shape());
  for (std::int64_t d = 0; d < r.directions; ++d) {
    const std::vector<T> projected = project<T>(r, d, joined_bias<T>(r, d, 4));
    const std::vector<T> recurrence = turned<T>(*r.r, d, 0, 4 * n);
    std::vector<T> h = load_state<T>(r, r.initial_h, d), c = load_state<T>(r, l.initial_c, d);
    std::vector<T> before;
    Peepholes<T> p;
    if (l.peepholes != nullptr) {
      p.input = l.peepholes->data<T>().data() + d * 3 * n;
      p.output = p.input + n;
      p.forget = p.output + n;
    }
    walk_time(r, d, projected, h, y, [&](T* gates, const std::vector<std::int64_t>& rows) {
      row_product(r.batch, n, 4 * n, h.data(), recurrence.data(), gates, true);
      for (const std::int64_t b : rows) {
        T *const sums = gates + b * 4 * n, *const hidden = h.data() + b * n;
        if (usual) {
          usual_row(l, sums, hidden, c.data() + b * n, before);
        } else {
          cell_row(l, d, p, sums, hidden, c.data() + b * n);
        }
      }
    });
    store_state(r, h, d, last_h);
    store_state(r, c, d, last_c);
  }
  std::vector<Tensor> out;
  out.push_back(std::move(y));
  out.push_back(std::move(last_h));
  out.push_back(std::move(last_c));
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  Lstm l;
  TENBIN_TRY(l.r, check_recurrent(call, inputs, 4, {"Sigmoid", "Tanh", "Tanh"}));
  TENBIN_TRY(l.initial_c, check_state(call, l.r, inputs, 6));
  l.peepholes = inputs.size() > 7 ? inputs[7] : nullptr;
  l.input_forget = call.integer("input_forget", 0) != 0;
  if (l.peepholes != nullptr) {
    const Shape wanted = {l.r.directions, 3 * l.r.hidden};
    if (l.peepholes->type() != l.r.x->type() || l.peepholes->shape() != wanted) {
      return bad_operands(
          call, "peepholes " + to_text(l.peepholes->shape()) + ", expected " + to_text(wanted));
    }
  }
  return l.r.x->type() == ElementType::kFloat32 ? run<float>(l) : run<double>(l);
}

std::vector<OpProbe> probes() {
  std::vector<OpProbe> all = recurrent_probes("LSTM", 4, 3);
  OpProbe peepholes = all.front();
  peepholes.why = "gates that see the cell";
  peepholes.call.inputs.insert(peepholes.call.inputs.end(), {"i6", "i7"});
  peepholes.inputs.push_back(Tensor());
  peepholes.inputs.push_back(probe_numbers({2, 9}, 7));
  all.push_back(std::move(peepholes));
  OpProbe coupled = all.front();
  coupled.why = "forgets what it does not take in";
  coupled.call.attributes["input_forget"] = std::int64_t{1};
  all.push_back(std::move(coupled));
  return all;
}

}  // namespace

const OpEntry& op_lstm() {
  static const OpEntry entry{"",      {"LSTM"}, "Recurrent layer with a cell.",
                             compute, nullptr,  probes};
  return entry;
}

}  // namespace tenbin

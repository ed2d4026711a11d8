// SPDX-License-Identifier: Apache-2.0
#include "engine/recurrent.h"
#include "engine/recurrent_case.h"

namespace tenbin {
namespace {

// One direction; gates in the order update z, reset r, hidden h.
template <class T> class GruDirection {
 public:
  GruDirection(const Recurrent& r, std::int64_t direction, bool linear_before_reset)
      : r_(r),
        linear_(linear_before_reset),
        f_(r.activation(direction, 0)),
        g_(r.activation(direction, 1)),
        zr_weights_(turned<T>(*r.r, direction, 0, 2 * r.hidden)),
        h_weights_(turned<T>(*r.r, direction, 2 * r.hidden, 3 * r.hidden)),
        zr_(static_cast<std::size_t>(r.batch * 2 * r.hidden)),
        candidate_(static_cast<std::size_t>(r.batch * r.hidden)),
        h_bias_(static_cast<std::size_t>(r.hidden), T{0}) {
    if (r.bias == nullptr) return;
    const T* b = r.bias->data<T>().data() + direction * 6 * r.hidden + 5 * r.hidden;
    h_bias_.assign(b, b + r.hidden);
  }

  void step(T* gates, const std::vector<std::int64_t>& rows, std::vector<T>& h) {
    const std::int64_t n = r_.hidden;
    row_product(r_.batch, n, 2 * n, h.data(), zr_weights_.data(), zr_.data(), false);
    for (const std::int64_t b : rows) {
      for (std::int64_t i = 0; i < 2 * n; ++i) {
        T& gate = zr_[static_cast<std::size_t>(b * 2 * n + i)];
        gate = f_(r_.clipped(gate + gates[b * 3 * n + i]));
      }
    }
    std::vector<T>& scaled = reset_state(h);
    row_product(r_.batch, n, n, scaled.data(), h_weights_.data(), candidate_.data(), false);
    for (const std::int64_t b : rows) {
      for (std::int64_t i = 0; i < n; ++i) {
        const auto at = static_cast<std::size_t>(b * n + i);
        const T z = zr_[static_cast<std::size_t>(b * 2 * n + i)];
        const T reset = linear_ ? zr_[static_cast<std::size_t>(b * 2 * n + n + i)] : T{1};
        const T recurrent = candidate_[at] + h_bias_[static_cast<std::size_t>(i)];
        const T fresh = g_(r_.clipped(gates[b * 3 * n + 2 * n + i] + reset * recurrent));
        h[at] = (T{1} - z) * fresh + z * h[at];
      }
    }
  }

 private:
  // What meets the weights of the candidate: the state, reset before unless that comes after.
  std::vector<T>& reset_state(std::vector<T>& h) {
    if (linear_) return h;
    const std::int64_t n = r_.hidden;
    scaled_.resize(h.size());
    for (std::int64_t b = 0; b < r_.batch; ++b) {
      for (std::int64_t i = 0; i < n; ++i) {
        const auto at = static_cast<std::size_t>(b * n + i);
        scaled_[at] = h[at] * zr_[static_cast<std::size_t>(b * 2 * n + n + i)];
      }
    }
    return scaled_;
  }

  const Recurrent& r_;
  bool linear_;
  GateActivation f_, g_;
  std::vector<T> zr_weights_, h_weights_, zr_, candidate_, h_bias_, scaled_;
};

template <class T> std::vector<Tensor> run(const Recurrent& r, bool linear_before_reset) {
  Tensor y(kElementOf<T>, r.y_shape()), last(kElementOf<T>, r.state_shape());
  for (std::int64_t d = 0; d < r.directions; ++d) {
    const std::vector<T> projected = project<T>(r, d, joined_bias<T>(r, d, 2));
    GruDirection<T> direction(r, d, linear_before_reset);
    std::vector<T> h = load_state<T>(r, r.initial_h, d);
    walk_time(r, d, projected, h, y, [&](T* gates, const std::vector<std::int64_t>& rows) {
      direction.step(gates, rows, h);
    });
    store_state(r, h, d, last);
  }
  std::vector<Tensor> out;
  out.push_back(std::move(y));
  out.push_back(std::move(last));
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_TRY(const Recurrent r, check_recurrent(call, inputs, 3, {"Sigmoid", "Tanh"}));
  const bool linear = call.integer("linear_before_reset", 0) != 0;
  return r.x->type() == ElementType::kFloat32 ? run<float>(r, linear) : run<double>(r, linear);
}

std::vector<OpProbe> probes() {
  std::vector<OpProbe> all = recurrent_probes("GRU", 3, 2);
  OpProbe linear = all.front();
  linear.why = "the reset comes after the product";
  linear.call.attributes["linear_before_reset"] = std::int64_t{1};
  all.push_back(std::move(linear));
  return all;
}

}  // namespace

const OpEntry& op_gru() {
  static const OpEntry entry{"", {"GRU"}, "Gated recurrent layer.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

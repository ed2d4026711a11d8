// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/typed.h"

namespace tenbin {
namespace {

// By elimination with the largest pivot; `m` is used up.
double determinant(std::vector<double>& m, std::size_t n) {
  double out = 1;
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c + 1; r < n; ++r) {
      if (std::fabs(m[r * n + c]) > std::fabs(m[pivot * n + c])) pivot = r;
    }
    if (m[pivot * n + c] == 0) return 0;
    if (pivot != c) {
      for (std::size_t k = 0; k < n; ++k) std::swap(m[c * n + k], m[pivot * n + k]);
      out = -out;
    }
    out *= m[c * n + c];
    for (std::size_t r = c + 1; r < n; ++r) {
      const double factor = m[r * n + c] / m[c * n + c];
      for (std::size_t k = c; k < n; ++k) m[r * n + k] -= factor * m[c * n + k];
    }
  }
  return out;
}

Result<std::vector<Tensor>> compute(const OpCall& call, OpInputs inputs, const void*) {
  TENBIN_CHECK(need_inputs(call, inputs, 1));
  const Tensor& in = *inputs[0];
  const Shape& shape = in.shape();
  if (shape.size() < 2 || shape.back() != shape[shape.size() - 2]) {
    return bad_operands(call, to_text(shape) + ", expected square matrices");
  }
  const auto n = static_cast<std::size_t>(shape.back());
  return typed(call, in.type(), kReals, [&]<class T>() {
    Tensor out(in.type(), Shape(shape.begin(), shape.end() - 2));
    const auto x = in.data<T>();
    const auto y = out.data<T>();
    for (std::size_t i = 0; i < y.size(); ++i) {
      const auto matrix = x.subspan(i * n * n, n * n);
      std::vector<double> m(matrix.begin(), matrix.end());
      y[i] = static_cast<T>(determinant(m, n));
    }
    return one(std::move(out));
  });
}

std::vector<OpProbe> probes() {
  return {{"two matrices",
           op_call("Det", 1),
           {Tensor::of<float>({2, 2, 2}, {1, 2, 3, 4, 0, 1, 1, 0})},
           {},
           false}};
}

}  // namespace

const OpEntry& op_det() {
  static const OpEntry entry{"", {"Det"}, "Determinants of matrices.", compute, nullptr, probes};
  return entry;
}

}  // namespace tenbin

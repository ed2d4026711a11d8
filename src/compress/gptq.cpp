// SPDX-License-Identifier: Apache-2.0
#include "compress/gptq.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/kernels/plain_gemm.h"

namespace tenbin {
namespace {

constexpr std::size_t kMostInputs = 2048;
constexpr double kDamping = 0.01;  // of the mean of the diagonal, as the paper has it

using Matrix = std::vector<double>;  // [n, n], row by row

double dot(const double* a, const double* b, std::size_t n) {
  double sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (std::size_t k = 0; k < 4; ++k) sums[k] += a[i + k] * b[i + k];
  }
  for (; i < n; ++i) sums[0] += a[i] * b[i];
  return sums[0] + sums[1] + sums[2] + sums[3];
}

// The upper triangle U with inverse(H) = U^T U, from H. False: H is not positive. With H = V V^T,
// V upper too, U is inverse(V).
bool inverse_factor(Matrix h, std::size_t n, Matrix& upper) {
  Matrix& v = h;  // in place: column j needs those right of it alone
  for (std::size_t j = n; j-- > 0;) {
    const double* row_j = v.data() + j * n + j + 1;
    const double diagonal = v[j * n + j] - dot(row_j, row_j, n - j - 1);
    if (!(diagonal > 0)) return false;
    v[j * n + j] = std::sqrt(diagonal);
    for (std::size_t i = 0; i < j; ++i) {
      const double* row_i = v.data() + i * n + j + 1;
      v[i * n + j] = (v[i * n + j] - dot(row_i, row_j, n - j - 1)) / v[j * n + j];
    }
  }
  upper.assign(n * n, 0);
  for (std::size_t i = n; i-- > 0;) {
    double* row = upper.data() + i * n;
    const double unit = 1 / v[i * n + i];
    row[i] = unit;
    for (std::size_t k = i + 1; k < n; ++k) {
      const double factor = v[i * n + k] * unit;
      const double* below = upper.data() + k * n;
      for (std::size_t j = k; j < n; ++j) row[j] -= factor * below[j];
    }
  }
  return true;
}

// Samples^T * samples of inputs [from, from + n), damped; an input that is always 0 stands alone.
Matrix second_moments(const RoundingProblem& p, std::size_t from, std::size_t n) {
  std::vector<float> sums(n * n, 0), block(p.samples * n);
  for (std::size_t s = 0; s < p.samples; ++s) {
    std::ranges::copy(p.inputs_on_grid.subspan(s * p.inputs + from, n),
                      block.begin() + static_cast<std::ptrdiff_t>(s * n));
  }
  const auto size = static_cast<std::int64_t>(n);
  kernels::plain_gemm({size, size, static_cast<std::int64_t>(p.samples), 1, size}, block.data(),
                      block.data(), sums.data());
  Matrix h(sums.begin(), sums.end());
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) mean += h[i * n + i] / static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) h[i * n + i] += mean > 0 ? kDamping * mean : 1;
  return h;
}

void round_block(const RoundingProblem& p, std::size_t from, std::size_t n,
                 std::span<float> steps) {
  const auto most = static_cast<float>(p.most);
  std::vector<float> rest(p.weights.begin() + static_cast<std::ptrdiff_t>(from * p.outputs),
                          p.weights.begin() + static_cast<std::ptrdiff_t>((from + n) * p.outputs));
  Matrix upper;
  const bool solved = inverse_factor(second_moments(p, from, n), n, upper);
  for (std::size_t k = 0; k < n; ++k) {
    const auto row = std::span(rest).subspan(k * p.outputs, p.outputs);
    const auto out = steps.subspan((from + k) * p.outputs, p.outputs);
    for (std::size_t o = 0; o < p.outputs; ++o) {
      out[o] = std::clamp(std::nearbyint(row[o]), -most, most);
      row[o] -= out[o];  // what is off
    }
    for (std::size_t j = k + 1; solved && j < n; ++j) {
      const auto factor = static_cast<float>(upper[k * n + j] / upper[k * n + k]);
      float* later = rest.data() + j * p.outputs;
      for (std::size_t o = 0; o < p.outputs; ++o) later[o] -= factor * row[o];
    }
  }
}

}  // namespace

void round_in_sequence(const RoundingProblem& problem, std::span<float> steps) {
  for (std::size_t from = 0; from < problem.inputs; from += kMostInputs) {
    round_block(problem, from, std::min(kMostInputs, problem.inputs - from), steps);
  }
}

Result<ChosenWeights> round_in_sequence(const Graph& graph, const Ranges& ranges,
                                        const Tensor& rows, const std::set<std::string>& in_floats,
                                        const RoundingOptions& options,
                                        const StopQuestion& may_go_on) {
  return round_layers(
      graph, ranges, rows, in_floats, options,
      [](const RoundingProblem& problem, std::span<float> steps) -> Status {
        round_in_sequence(problem, steps);
        return {};
      },
      may_go_on);
}

}  // namespace tenbin

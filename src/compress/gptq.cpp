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

// The upper triangle U with inverse(H) = U^T U, from H, which is destroyed. False: not positive.
bool inverse_factor(Matrix& h, std::size_t n, Matrix& upper) {
  // H = L L^T in place.
  for (std::size_t j = 0; j < n; ++j) {
    double* row_j = h.data() + j * n;
    double diagonal = row_j[j];
    for (std::size_t k = 0; k < j; ++k) diagonal -= row_j[k] * row_j[k];
    if (!(diagonal > 0)) return false;
    row_j[j] = std::sqrt(diagonal);
    for (std::size_t i = j + 1; i < n; ++i) {
      double* row_i = h.data() + i * n;
      double sum = row_i[j];
      for (std::size_t k = 0; k < j; ++k) sum -= row_i[k] * row_j[k];
      row_i[j] = sum / row_j[j];
    }
  }
  // M = inverse(L), lower; inverse(H) = M^T M.
  Matrix inverse(n * n, 0);
  for (std::size_t j = 0; j < n; ++j) {
    inverse[j * n + j] = 1 / h[j * n + j];
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = 0;
      for (std::size_t k = j; k < i; ++k) sum -= h[i * n + k] * inverse[k * n + j];
      inverse[i * n + j] = sum / h[i * n + i];
    }
  }
  std::ranges::fill(h, 0.0);
  for (std::size_t k = 0; k < n; ++k) {
    const double* row = inverse.data() + k * n;
    for (std::size_t i = 0; i <= k; ++i) {
      for (std::size_t j = 0; j <= k; ++j) h[i * n + j] += row[i] * row[j];
    }
  }
  // inverse(H) = U^T U, row by row.
  upper.assign(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i; j < n; ++j) {
      double sum = h[i * n + j];
      for (std::size_t k = 0; k < i; ++k) sum -= upper[k * n + i] * upper[k * n + j];
      if (i == j && !(sum > 0)) return false;
      upper[i * n + j] = i == j ? std::sqrt(sum) : sum / upper[i * n + i];
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
  Matrix h = second_moments(p, from, n), upper;
  const bool solved = inverse_factor(h, n, upper);
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
                                        const RoundingOptions& options) {
  return round_layers(graph, ranges, rows, in_floats, options,
                      [](const RoundingProblem& problem, std::span<float> steps) {
                        round_in_sequence(problem, steps);
                      });
}

}  // namespace tenbin

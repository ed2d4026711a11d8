// SPDX-License-Identifier: Apache-2.0
#include "engine/svm.h"

#include <algorithm>
#include <cmath>

namespace tenbin {

double SvmKernel::operator()(std::span<const float> a, std::span<const float> b) const {
  double sum = 0;
  if (kind == Kind::kRbf) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
      sum += d * d;
    }
    return std::exp(-gamma * sum);
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  if (kind == Kind::kPoly) return std::pow(gamma * sum + coef0, degree);
  return kind == Kind::kSigmoid ? std::tanh(gamma * sum + coef0) : sum;
}

Result<SvmKernel> svm_kernel_of(const OpCall& call) {
  const std::string name = call.text("kernel_type", "LINEAR");
  SvmKernel kernel;
  if (name == "LINEAR") {
    kernel.kind = SvmKernel::Kind::kLinear;
  } else if (name == "POLY") {
    kernel.kind = SvmKernel::Kind::kPoly;
  } else if (name == "RBF") {
    kernel.kind = SvmKernel::Kind::kRbf;
  } else if (name == "SIGMOID") {
    kernel.kind = SvmKernel::Kind::kSigmoid;
  } else {
    return Error(ErrorCode::kBadModel, call.op + ": kernel_type '" + name +
                                           "', expected one of LINEAR, POLY, RBF, SIGMOID");
  }
  const std::vector<float> params = call.numbers("kernel_params");
  if (!params.empty() && params.size() != 3) {
    return Error(ErrorCode::kBadModel, call.op + ": " + std::to_string(params.size()) +
                                           " kernel_params, expected gamma, coef0 and degree");
  }
  if (params.size() == 3) {
    kernel.gamma = static_cast<double>(params[0]);
    kernel.coef0 = static_cast<double>(params[1]);
    kernel.degree = static_cast<double>(params[2]);
  }
  return kernel;
}

std::vector<double> couple_pairs(const std::vector<double>& pairs, std::size_t k) {
  std::vector<double> q(k * k, 0), qp(k, 0), p(k, 1.0 / static_cast<double>(k));
  for (std::size_t t = 0; t < k; ++t) {
    for (std::size_t j = 0; j < k; ++j) {
      if (j == t) continue;
      q[t * k + t] += pairs[j * k + t] * pairs[j * k + t];
      q[t * k + j] = -pairs[j * k + t] * pairs[t * k + j];
    }
  }
  const double close = 0.005 / static_cast<double>(k);
  const std::size_t most = std::max<std::size_t>(100, k);
  for (std::size_t round = 0; round < most; ++round) {
    double pqp = 0, worst = 0;
    for (std::size_t t = 0; t < k; ++t) {
      qp[t] = 0;
      for (std::size_t j = 0; j < k; ++j) qp[t] += q[t * k + j] * p[j];
      pqp += p[t] * qp[t];
    }
    for (std::size_t t = 0; t < k; ++t) worst = std::max(worst, std::fabs(qp[t] - pqp));
    if (worst < close) break;
    for (std::size_t t = 0; t < k; ++t) {
      const double diff = (pqp - qp[t]) / q[t * k + t];
      p[t] += diff;
      pqp = (pqp + diff * (diff * q[t * k + t] + 2 * qp[t])) / (1 + diff) / (1 + diff);
      for (std::size_t j = 0; j < k; ++j) {
        qp[j] = (qp[j] + diff * q[t * k + j]) / (1 + diff);
        p[j] /= 1 + diff;
      }
    }
  }
  return p;
}

}  // namespace tenbin

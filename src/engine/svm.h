// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "engine/features.h"

// Support vector machines as ai.onnx.ml writes them, which is as LIBSVM keeps them.
namespace tenbin {

struct SvmKernel {
  enum class Kind : std::uint8_t { kLinear, kPoly, kRbf, kSigmoid };
  Kind kind = Kind::kLinear;
  double gamma = 0, coef0 = 0, degree = 0;

  double operator()(std::span<const float> a, std::span<const float> b) const;
};
// Attributes kernel_type and kernel_params. Error kBadModel.
Result<SvmKernel> svm_kernel_of(const OpCall& call);

// Probabilities of k classes from those of each pair, pairs[i * k + j] being i against j (Wu, Lin
// and Weng 2004, second method).
std::vector<double> couple_pairs(const std::vector<double>& pairs, std::size_t k);

}  // namespace tenbin

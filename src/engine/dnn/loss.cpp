// SPDX-License-Identifier: Apache-2.0
#include "engine/dnn/loss.h"

#include <algorithm>
#include <cmath>

#include "engine/kernels/kernels.h"

namespace tenbin::dnn {
namespace {
bool takes_labels(Loss loss) {
  return loss == Loss::kSoftmaxCrossEntropy || loss == Loss::kBinaryCrossEntropy;
}
}  // namespace

void run_loss(LossState& s, const float* values, float* gradient) {
  const float* weights = s.class_weights.empty() ? nullptr : s.class_weights.data();
  switch (s.loss) {
    case Loss::kSoftmaxCrossEntropy:
      s.value = kernels::softmax_cross_entropy(values, s.labels.data(), gradient, s.rows, s.real,
                                               s.outputs, s.smoothing, weights);
      return;
    case Loss::kBinaryCrossEntropy:
      s.value =
          kernels::binary_cross_entropy(values, s.labels.data(), gradient, s.rows, s.real, weights);
      return;
    case Loss::kMeanSquaredError:
    case Loss::kHuber:
      s.value = kernels::squared_error(values, s.targets.data(), gradient, s.rows, s.real,
                                       s.outputs, s.loss == Loss::kHuber ? s.delta : 0.0F);
      return;
  }
}

void activate(Loss loss, float* values, std::int64_t rows, std::int64_t outputs) {
  if (loss == Loss::kSoftmaxCrossEntropy) kernels::softmax_rows(values, rows, outputs);
  if (loss == Loss::kBinaryCrossEntropy) kernels::sigmoid(values, rows * outputs);
}

double loss_of(const LossState& s, const float* activated, std::int64_t real) {
  double sum = 0;
  for (std::int64_t i = 0; i < real; ++i) {
    const float* row = activated + i * s.outputs;
    if (s.loss == Loss::kSoftmaxCrossEntropy) {
      const auto label = s.labels[static_cast<std::size_t>(i)];
      sum -= std::log(std::max(static_cast<double>(row[label]), 1e-15));
    } else if (s.loss == Loss::kBinaryCrossEntropy) {
      const bool positive = s.labels[static_cast<std::size_t>(i)] != 0;
      const double p = positive ? static_cast<double>(*row) : 1 - static_cast<double>(*row);
      sum -= std::log(std::max(p, 1e-15));
    } else {
      for (std::int64_t k = 0; k < s.outputs; ++k) {
        const double e =
            static_cast<double>(row[k]) -
            static_cast<double>(s.targets[static_cast<std::size_t>(i * s.outputs + k)]);
        sum += e * e / static_cast<double>(s.outputs);
      }
    }
  }
  return real > 0 ? sum / static_cast<double>(real) : 0;
}

Status take_targets(LossState& s, const Batch& batch) {
  s.real = batch.rows;
  const auto rows = static_cast<std::size_t>(batch.rows);
  if (takes_labels(s.loss)) {
    if (batch.labels.size() < rows) {
      return Error(ErrorCode::kBadShape, "batch has no class labels, which this loss needs");
    }
    std::copy_n(batch.labels.begin(), rows, s.labels.begin());
    const std::int64_t classes = s.loss == Loss::kBinaryCrossEntropy ? 2 : s.outputs;
    for (std::size_t i = 0; i < rows; ++i) {
      if (s.labels[i] < 0 || s.labels[i] >= classes) {
        return Error(ErrorCode::kBadShape, "label " + std::to_string(s.labels[i]) +
                                               ", expected 0 to " + std::to_string(classes - 1));
      }
    }
    return {};
  }
  const std::size_t count = rows * static_cast<std::size_t>(s.outputs);
  if (batch.targets.size() < count) {
    return Error(ErrorCode::kBadShape, "batch has no target values, which this loss needs");
  }
  std::copy_n(batch.targets.begin(), count, s.targets.begin());
  return {};
}

}  // namespace tenbin::dnn

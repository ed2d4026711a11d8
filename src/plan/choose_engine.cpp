// SPDX-License-Identifier: Apache-2.0
#include "plan/choose_engine.h"

#include <algorithm>

namespace tenbin {
namespace {

constexpr double kMostDifference = 1e-3;
constexpr double kWorthChanging = 0.9;  // of our time

template <class T> T median(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

EngineDecision choose_engine(const EngineTrial& trial) {
  if (!trial.difference) {
    return {false, "the engines' answers have different shapes, so the reference is taken"};
  }
  if (*trial.difference > kMostDifference) {
    return {false, "answers differ by " + to_text(*trial.difference) +
                       " of their size, so the reference is taken"};
  }
  std::vector<double> ratios;  // of the other's time to ours
  for (std::size_t i = 0; i < std::min(trial.native.size(), trial.onnxruntime.size()); ++i) {
    ratios.push_back(in_seconds(trial.onnxruntime[i]) /
                     std::max(1e-9, in_seconds(trial.native[i])));
  }
  const bool native = median(ratios) >= kWorthChanging;
  const Duration ours = median(trial.native), other = median(trial.onnxruntime);
  const std::string each = trial.rows == 1 ? "1 row" : std::to_string(trial.rows) + " rows";
  const std::string measured = to_text(native ? ours : other) + " for " + each +
                               ", the other took " + to_text(native ? other : ours) + ", in " +
                               std::to_string(ratios.size()) + " pairs; answers agree within " +
                               to_text(std::max(*trial.difference, 1e-7), 1);
  const bool near = native && median(ratios) < 1;
  return {native, (near ? "about as cheap here: " : "measured cheaper here: ") + measured};
}

}  // namespace tenbin

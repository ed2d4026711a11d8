// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/train_case.h"
#include "graph/learned.h"

namespace tenbin {

inline double loss_of(const Graph& graph, const TrainCase& data, const TrainOptions& options) {
  auto plan = TrainPlan::compile(graph, data.rows, options);
  EXPECT_TRUE(plan.ok()) << plan.error().to_string();
  return (*plan)->step(data.batch(), 0);
}

// The largest difference between gradient and central difference, relative to the largest gradient
// of the tensor; over a few places of each weight.
inline void check_gradients(const Graph& graph, const TrainCase& data, TrainOptions options,
                            const std::string& why) {
  options.optimizer = OptimizerKind::kSgd;
  options.momentum = 0;
  options.weight_decay = 0;
  auto plan = TrainPlan::compile(graph, data.rows, options);
  ASSERT_TRUE(plan.ok()) << why << ": " << plan.error().to_string();
  (*plan)->step(data.batch(), 1.0);  // weights fall by their gradient
  const Graph after = (*plan)->export_graph();
  for (const std::string& name : find_learned(graph).weights) {
    const Tensor& tensor = graph.initializers.at(name);
    const auto before = tensor.data<float>();
    const auto moved = after.initializers.at(name).data<float>();
    std::vector<double> gradient;
    for (std::size_t i = 0; i < before.size(); ++i) {
      gradient.push_back(static_cast<double>(before[i]) - static_cast<double>(moved[i]));
    }
    double scale = 1e-3;
    for (const double g : gradient) scale = std::max(scale, std::fabs(g));
    for (std::size_t pick = 0; pick < 4; ++pick) {
      const std::size_t at = pick * (before.size() - 1) / 3;
      constexpr float kStep = 2e-3F;
      Graph up = graph, down = graph;
      up.initializers[name].data<float>()[at] += kStep;
      down.initializers[name].data<float>()[at] -= kStep;
      const double numeric = (loss_of(up, data, options) - loss_of(down, data, options)) /
                             (2 * static_cast<double>(kStep));
      EXPECT_NEAR(gradient[at], numeric, 0.04 * scale) << why << ": " << name << "[" << at << "]";
    }
  }
}

}  // namespace tenbin

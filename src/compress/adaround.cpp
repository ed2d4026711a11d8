// SPDX-License-Identifier: Apache-2.0
#include "compress/adaround.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/kernels/plain_gemm.h"

namespace tenbin {
namespace {

constexpr std::int64_t kStepsBetweenQuestions = 16;
constexpr std::size_t kSamplesAtOnce = 64;
constexpr float kStretchedFrom = -0.1F, kStretchedTo = 1.1F;  // of the sigmoid
constexpr double kSoftShare = 0.2;                            // of the steps, without regulariser
constexpr float kFirstPower = 20, kLastPower = 2;             // of the regulariser

float logistic(float v) { return 1 / (1 + std::exp(-v)); }

// The soft rounding of one layer while it is learned.
class Learner {
 public:
  Learner(const RoundingProblem& problem, const AdaroundOptions& options)
      : p_(problem), options_(options), size_(problem.weights.size()) {
    measure_inputs();
    find_targets();
    floor_.resize(size_);
    v_.resize(size_);
    first_.assign(size_, 0);
    second_.assign(size_, 0);
    for (std::size_t i = 0; i < size_; ++i) {
      floor_[i] = std::floor(p_.weights[i]);
      const float part = std::clamp(p_.weights[i] - floor_[i], 0.01F, 0.99F);
      v_[i] = -std::log((kStretchedTo - kStretchedFrom) / (part - kStretchedFrom) - 1);
    }
    work_.resize(size_);
    gradient_.resize(size_);
  }

  // Mean squared error of whole or soft steps over all samples, in steps of the outputs.
  double error_of(std::span<const float> steps) {
    double error = 0;
    for (std::size_t at = 0; at < p_.samples; at += kSamplesAtOnce) {
      const std::size_t count = std::min(kSamplesAtOnce, p_.samples - at);
      residuals(at, count, steps);
      for (const float r : residual_) error += static_cast<double>(r) * static_cast<double>(r);
    }
    return error;
  }

  // A large layer takes seconds: asked every few steps.
  Status learn(const StopQuestion& may_go_on) {
    std::size_t at = 0;
    for (std::int64_t t = 0; t < options_.steps; ++t) {
      if (t % kStepsBetweenQuestions == 0) TENBIN_CHECK(may_go_on());
      const std::size_t count = std::min(kSamplesAtOnce, p_.samples - at);
      step(t, at, count);
      at = at + count >= p_.samples ? 0 : at + count;
    }
    return {};
  }

  void harden(std::span<float> steps) const {
    for (std::size_t i = 0; i < size_; ++i) {
      steps[i] = bounded(floor_[i] + (v_[i] >= 0 ? 1.0F : 0.0F));
    }
  }
  float bounded(float step) const {
    const auto most = static_cast<float>(p_.most);
    return std::clamp(step, -most, most);
  }

 private:
  // Inputs are taken in units of their root mean square, so that rates suit any layer.
  void measure_inputs() {
    double squares = 0;
    for (const float x : p_.inputs_on_grid)
      squares += static_cast<double>(x) * static_cast<double>(x);
    const double mean = squares / static_cast<double>(p_.inputs_on_grid.size());
    unit_ = mean > 0 ? static_cast<float>(1 / std::sqrt(mean)) : 1;
  }

  // What the float layer makes of the samples.
  void find_targets() {
    targets_.assign(p_.samples * p_.outputs, 0);
    kernels::plain_gemm(product_of(p_.samples), p_.wanted_inputs.data(), p_.weights.data(),
                        targets_.data());
  }
  kernels::PlainGemm product_of(std::size_t samples) const {
    const auto inputs = static_cast<std::int64_t>(p_.inputs);
    return {static_cast<std::int64_t>(samples), static_cast<std::int64_t>(p_.outputs), inputs,
            inputs, 1};
  }

  // residual_[count, outputs] = (inputs_on_grid * steps - inputs * weights) in those units.
  void residuals(std::size_t at, std::size_t count, std::span<const float> steps) {
    const auto first = targets_.begin() + static_cast<std::ptrdiff_t>(at * p_.outputs);
    residual_.assign(first, first + static_cast<std::ptrdiff_t>(count * p_.outputs));
    for (float& r : residual_) r = -r;
    kernels::plain_gemm(product_of(count), p_.inputs_on_grid.data() + at * p_.inputs, steps.data(),
                        residual_.data());
    for (float& r : residual_) r *= unit_;
  }

  float soft(std::size_t i) const {
    const float h = logistic(v_[i]) * (kStretchedTo - kStretchedFrom) + kStretchedFrom;
    return std::clamp(h, 0.0F, 1.0F);
  }

  void step(std::int64_t t, std::size_t at, std::size_t count) {
    for (std::size_t i = 0; i < size_; ++i) work_[i] = bounded(floor_[i] + soft(i));
    residuals(at, count, work_);
    std::ranges::fill(gradient_, 0.0F);
    const auto outputs = static_cast<std::int64_t>(p_.outputs);
    // gradient[inputs, outputs] = samples^T * residual
    kernels::plain_gemm({static_cast<std::int64_t>(p_.inputs), outputs,
                         static_cast<std::int64_t>(count), 1, static_cast<std::int64_t>(p_.inputs)},
                        p_.inputs_on_grid.data() + at * p_.inputs, residual_.data(),
                        gradient_.data());
    update(t, 2 * unit_ / static_cast<float>(count));
  }

  void update(std::int64_t t, float scale) {
    const double done = static_cast<double>(t) / static_cast<double>(options_.steps);
    const double hard = (done - kSoftShare) / (1 - kSoftShare);
    const bool drives = hard > 0;
    const float power = kLastPower + (kFirstPower - kLastPower) *
                                         static_cast<float>(0.5 * (1 + std::cos(hard * M_PI)));
    const auto n = static_cast<double>(t + 1);
    const auto correct1 = static_cast<float>(1 / (1 - std::pow(0.9, n)));
    const auto correct2 = static_cast<float>(1 / (1 - std::pow(0.999, n)));
    const auto rate = static_cast<float>(options_.learning_rate);
    const auto drive = drives ? static_cast<float>(options_.regularisation) : 0.0F;
    for (std::size_t i = 0; i < size_; ++i) {
      const float sigma = logistic(v_[i]);
      const float h = sigma * (kStretchedTo - kStretchedFrom) + kStretchedFrom;
      float g = 0;
      if (h > 0 && h < 1) {
        const float off = 2 * h - 1;
        const float pull = drive > 0 ? -2 * power * std::pow(std::fabs(off), power - 1) *
                                           std::copysign(1.0F, off) * drive
                                     : 0.0F;
        g = (gradient_[i] * scale + pull) * sigma * (1 - sigma) * (kStretchedTo - kStretchedFrom);
      }
      first_[i] = 0.9F * first_[i] + 0.1F * g;
      second_[i] = 0.999F * second_[i] + 0.001F * g * g;
      v_[i] -= rate * first_[i] * correct1 / (std::sqrt(second_[i] * correct2) + 1e-8F);
    }
  }

  const RoundingProblem& p_;
  const AdaroundOptions& options_;
  std::size_t size_;
  float unit_ = 1;
  std::vector<float> floor_, v_, first_, second_, work_, gradient_, residual_, targets_;
};

Status round_layer(const RoundingProblem& problem, const AdaroundOptions& options,
                   std::span<float> steps, const StopQuestion& may_go_on) {
  Learner learner(problem, options);
  std::vector<float> nearest(steps.size());
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    nearest[i] = learner.bounded(std::nearbyint(problem.weights[i]));
  }
  TENBIN_CHECK(learner.learn(may_go_on));
  learner.harden(steps);
  if (learner.error_of(steps) >= learner.error_of(nearest)) {
    std::ranges::copy(nearest, steps.begin());
  }
  return {};
}

}  // namespace

Result<ChosenWeights> learn_rounding(const Graph& graph, const Ranges& ranges, const Tensor& rows,
                                     const std::set<std::string>& in_floats,
                                     const AdaroundOptions& options,
                                     const StopQuestion& may_go_on) {
  return round_layers(
      graph, ranges, rows, in_floats, {options.samples, options.most},
      [&](const RoundingProblem& problem, std::span<float> steps) {
        return round_layer(problem, options, steps, may_go_on);
      },
      may_go_on);
}

}  // namespace tenbin

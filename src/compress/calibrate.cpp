// SPDX-License-Identifier: Apache-2.0
#include "compress/calibrate.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/inference_plan.h"

namespace tenbin {
namespace {

constexpr std::int64_t kRowsAtOnce = 16;
constexpr std::size_t kMostSamples = 1 << 20;  // of one value, for the quantiles

// Extremes of one value, and a thinned sample of it.
struct Seen {
  float least = INFINITY, most = -INFINITY;
  std::vector<float> sample;
  std::size_t step = 1, until_next = 0;

  void add(std::span<const float> values) {
    for (const float v : values) {
      least = std::min(least, v);
      most = std::max(most, v);
      if (until_next > 0) {
        --until_next;
        continue;
      }
      sample.push_back(v);
      until_next = step - 1;
      if (sample.size() < kMostSamples) continue;
      for (std::size_t i = 0; i < sample.size() / 2; ++i) sample[i] = sample[2 * i];
      sample.resize(sample.size() / 2);
      step *= 2;
    }
  }

  ValueRange range(double share) {
    if (share >= 1) return {least, most};
    const auto cut = static_cast<std::size_t>((1 - share) / 2 * static_cast<double>(sample.size()));
    std::sort(sample.begin(), sample.end());
    return {sample[cut], sample[sample.size() - 1 - cut]};
  }
};

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace

Result<Ranges> calibrate(const Graph& graph, const std::vector<std::string>& values,
                         const Tensor& rows, const CalibrationOptions& options) {
  if (rows.type() != ElementType::kFloat32 || rows.shape().empty() || rows.count() == 0) {
    return Error(ErrorCode::kBadValue, "calibration data is " + to_text(rows.shape()) +
                                           ", expected at least one row of floats");
  }
  Graph watched = graph;
  watched.outputs.clear();
  std::map<std::string, Seen> seen;
  for (const std::string& value : values) {
    if (graph.find_input(value) == nullptr) {
      watched.outputs.push_back({value, ElementType::kFloat32, {}, false});
    }
  }
  const std::int64_t n = rows.shape()[0];
  const auto width = static_cast<std::size_t>(rows.count() / n);
  watched.inputs.front().shape = rows.shape();
  TENBIN_TRY(const auto plan, InferencePlan::compile(watched, std::min(n, kRowsAtOnce), 1));
  std::vector<std::vector<float>> buffers;
  for (const Shape& shape : plan->output_shapes()) {
    buffers.emplace_back(static_cast<std::size_t>(count_of(shape)));
  }
  for (std::int64_t at = 0; at < n; at += plan->batch()) {
    const auto some = static_cast<std::size_t>(std::min(plan->batch(), n - at));
    const auto in = rows.data<float>().subspan(static_cast<std::size_t>(at) * width, some * width);
    const std::vector<std::span<float>> out(buffers.begin(), buffers.end());
    plan->run(std::span(&in, 1), out);
    if (graph.find_input(watched.inputs.front().name) != nullptr) {
      seen[watched.inputs.front().name].add(in);
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::string& name = watched.outputs[i].name;
      const auto real =
          out[i].first(out[i].size() / static_cast<std::size_t>(plan->batch()) * some);
      if (!all_finite(real)) {
        return Error(ErrorCode::kBadValue, "value '" + name + "' is not finite on row " +
                                               std::to_string(at) + " or one of the " +
                                               std::to_string(some - 1) + " after it");
      }
      seen[name].add(real);
    }
  }
  Ranges ranges;
  for (auto& [name, what] : seen) ranges[name] = what.range(options.share_covered);
  return ranges;
}

}  // namespace tenbin

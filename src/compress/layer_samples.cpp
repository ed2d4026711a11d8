// SPDX-License-Identifier: Apache-2.0
#include "compress/layer_samples.h"

#include <algorithm>
#include <cmath>

#include "compress/layers.h"
#include "compress/observe.h"
#include "engine/window.h"

namespace tenbin {
namespace {

constexpr std::int64_t kMostFloats = 1 << 24;
constexpr double kGolden = 0.6180339887498949;

// Sorted numbers below `total`, one in each of `count` equal parts, at changing places in it.
std::vector<std::int64_t> spread_picks(std::int64_t total, std::int64_t count) {
  std::vector<std::int64_t> picks;
  for (std::int64_t j = 0; j < count; ++j) {
    const double place = std::fmod(static_cast<double>(j) * kGolden, 1.0);
    const double at =
        (static_cast<double>(j) + place) * static_cast<double>(total) / static_cast<double>(count);
    picks.push_back(std::min(static_cast<std::int64_t>(at), total - 1));
  }
  return picks;
}

// The patch of one group's channels under the kernel at place `at` of the result's plane.
void copy_patch(const Window& window, std::span<const float> channels, std::size_t count,
                std::int64_t at, float* to) {
  const std::size_t rank = window.in.size();
  const auto plane = static_cast<std::size_t>(count_of(window.in));
  const auto taps = static_cast<std::size_t>(window.taps());
  for (std::size_t tap = 0; tap < taps; ++tap) {
    std::int64_t pixel = 0, size = 1, rest_at = at, rest = static_cast<std::int64_t>(tap);
    bool inside = true;
    for (std::size_t d = rank; d-- > 0;) {
      const std::int64_t place = rest_at % window.out[d] * window.strides[d] - window.before[d] +
                                 rest % window.kernel[d] * window.dilations[d];
      inside = inside && place >= 0 && place < window.in[d];
      pixel += place * size;
      size *= window.in[d];
      rest_at /= window.out[d];
      rest /= window.kernel[d];
    }
    for (std::size_t c = 0; c < count; ++c) {
      to[c * taps + tap] = inside ? channels[c * plane + static_cast<std::size_t>(pixel)] : 0;
    }
  }
}

struct Sampler {
  LayerMatrix matrix;
  bool convolution = false;
  std::vector<std::int64_t> kernel;
  const OpCall* layer = nullptr;
  std::int64_t rows = 0, most = 0;

  Window window;
  std::int64_t places = 0;  // of one row
  std::vector<std::int64_t> picks;
  std::size_t next = 0;
  std::vector<float> samples;

  Status begin(const Shape& shape) {
    std::int64_t width = 1;
    for (std::size_t d = 1; d < shape.size(); ++d) width *= shape[d];
    const auto inputs = static_cast<std::int64_t>(matrix.inputs);
    if (convolution) {
      TENBIN_TRY(window, window_of(*layer, shape, kernel));
      places = count_of(window.out);
    } else {
      places = width / inputs;
    }
    const auto each = static_cast<std::int64_t>(matrix.groups) * inputs;
    const std::int64_t count =
        std::min({most, rows * places, std::max<std::int64_t>(kMostFloats / each, 1)});
    picks = spread_picks(rows * places, count);
    samples.resize(static_cast<std::size_t>(count * each));
    return {};
  }

  Status take(const ObservedRows& some) {
    if (picks.empty()) TENBIN_CHECK(begin(some.shape));
    const std::int64_t end = (some.first + some.shape[0]) * places;
    const std::size_t width = some.data.size() / static_cast<std::size_t>(some.shape[0]);
    for (; next < picks.size() && picks[next] < end; ++next) {
      const auto row = static_cast<std::size_t>(picks[next] / places - some.first);
      const std::int64_t place = picks[next] % places;
      const auto data = some.data.subspan(row * width, width);
      for (std::size_t g = 0; g < matrix.groups; ++g) {
        float* to = samples.data() + (g * picks.size() + next) * matrix.inputs;
        if (convolution) {
          const std::size_t channels = matrix.inputs / static_cast<std::size_t>(window.taps());
          const auto plane = static_cast<std::size_t>(count_of(window.in));
          copy_patch(window, data.subspan(g * channels * plane), channels, place, to);
        } else {
          std::ranges::copy(
              data.subspan(static_cast<std::size_t>(place) * matrix.inputs, matrix.inputs), to);
        }
      }
    }
    return {};
  }
};

}  // namespace

LayerMatrix matrix_of(const OpCall& layer, const Shape& weights) {
  LayerMatrix m;
  const std::size_t axis = output_axis(layer, weights);
  m.groups = layer.op == "Conv" ? static_cast<std::size_t>(layer.integer("group", 1)) : 1;
  m.outputs = static_cast<std::size_t>(weights[axis]) / m.groups;
  m.inputs = static_cast<std::size_t>(count_of(weights) / weights[axis]);
  m.outputs_first = axis == 0;
  return m;
}

Result<std::vector<float>> sample_inputs(const Graph& graph, const std::string& value,
                                         const OpCall& layer, const Shape& weights,
                                         const Tensor& rows, std::int64_t most) {
  Sampler sampler;
  sampler.matrix = matrix_of(layer, weights);
  sampler.convolution = layer.op == "Conv";
  if (sampler.convolution) sampler.kernel.assign(weights.begin() + 2, weights.end());
  sampler.layer = &layer;
  sampler.rows = rows.shape().empty() ? 0 : rows.shape()[0];
  sampler.most = most;
  TENBIN_CHECK(
      observe(graph, {value}, rows, [&](const ObservedRows& some) { return sampler.take(some); }));
  return std::move(sampler.samples);
}

}  // namespace tenbin

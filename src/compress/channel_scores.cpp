// SPDX-License-Identifier: Apache-2.0
#include "compress/channel_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tenbin {
namespace {

void to_mean_one(std::vector<double>& values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  const double mean = sum / static_cast<double>(values.size());
  for (double& value : values) value = mean > 0 ? value / mean : 1;
}

// The norm of what a slice holds of each channel.
std::vector<double> norms_of(const Tensor& tensor, const ChannelSlice& slice,
                             std::int64_t channels) {
  const Shape& shape = tensor.shape();
  std::size_t inner = 1;
  for (std::size_t d = slice.axis + 1; d < shape.size(); ++d) {
    inner *= static_cast<std::size_t>(shape[d]);
  }
  const auto along = static_cast<std::size_t>(shape[slice.axis]);
  const auto first = static_cast<std::size_t>(slice.offset);
  const auto each = static_cast<std::size_t>(slice.each);
  std::vector<double> out(static_cast<std::size_t>(channels), 0.0);
  const std::span<const float> values = tensor.data<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t entry = i / inner % along;
    if (entry < first || entry >= first + out.size() * each) continue;
    out[(entry - first) / each] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  for (double& value : out) value = std::sqrt(value);
  to_mean_one(out);
  return out;
}

// The mean over all slices of a role; empty without any.
std::vector<double> mean_norms(const Graph& network, const ChannelGroup& group, SliceRole role) {
  std::vector<double> out;
  for (const ChannelSlice& slice : group.slices) {
    const Tensor& tensor = network.initializers.at(slice.tensor);
    if (slice.role != role || tensor.type() != ElementType::kFloat32) continue;
    const std::vector<double> norms = norms_of(tensor, slice, group.channels);
    out.resize(norms.size(), 0.0);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += norms[c];
  }
  if (!out.empty()) to_mean_one(out);
  return out;
}

}  // namespace

std::vector<double> weight_scores(const Graph& network, const ChannelGroup& group) {
  std::vector<double> out = mean_norms(network, group, SliceRole::kScales);
  if (out.empty()) out = mean_norms(network, group, SliceRole::kMakes);
  if (out.empty()) out.assign(static_cast<std::size_t>(group.channels), 1.0);
  const std::vector<double> read = mean_norms(network, group, SliceRole::kReads);
  for (std::size_t c = 0; c < read.size(); ++c) out[c] *= read[c];
  to_mean_one(out);
  return out;
}

}  // namespace tenbin

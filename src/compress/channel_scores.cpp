// SPDX-License-Identifier: Apache-2.0
#include "compress/channel_scores.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "compress/observe.h"
#include "compress/slice_view.h"

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
  const SliceView view(tensor.shape(), slice.axis, slice, channels);
  std::vector<double> out(static_cast<std::size_t>(channels), 0.0);
  const std::span<const float> values = tensor.data<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto channel = view.channel(view.entry(i));
    if (channel) out[*channel] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
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

// Weights that read channels, and the value that they multiply.
struct Reader {
  std::size_t group = 0;
  const ChannelSlice* slice = nullptr;
  std::string value;
  std::size_t axis = 0;              // of the value, laid out as the slice's
  std::vector<double> squares = {};  // sum of each entry along the axis
};

std::vector<Reader> readers_of(const Graph& network, std::span<const ChannelGroup> groups) {
  std::map<std::string, const OpCall*> by_weights;
  for (const OpCall& node : network.nodes) {
    if (node.inputs.size() > 1) by_weights.emplace(node.inputs[1], &node);
  }
  std::vector<Reader> out;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const ChannelSlice& slice : groups[g].slices) {
      const auto node = by_weights.find(slice.tensor);
      if (slice.role != SliceRole::kReads || node == by_weights.end()) continue;
      out.push_back({g, &slice, node->second->inputs[0]});
    }
  }
  return out;
}

// The last axis of what a MatMul multiplies; of convolutions and Gemm the one after the batch.
std::size_t axis_of(const Graph& network, const Reader& reader, const Shape& shape) {
  const bool last = std::ranges::any_of(network.nodes, [&](const OpCall& node) {
    return node.op == "MatMul" && node.inputs[1] == reader.slice->tensor;
  });
  return last ? shape.size() - 1 : 1;
}

void add_squares(Reader& reader, const ObservedRows& some, std::int64_t channels) {
  const SliceView view(some.shape, reader.axis, *reader.slice, channels);
  reader.squares.resize(view.entries(), 0.0);
  for (std::size_t i = 0; i < some.data.size(); ++i) {
    reader.squares[view.entry(i)] +=
        static_cast<double>(some.data[i]) * static_cast<double>(some.data[i]);
  }
}

// What each channel adds to the reader, as a share of all that it gets: roots of mean squares, as
// if channels had nothing to do with each other.
std::vector<double> shares_of(const Graph& network, const Reader& reader, std::int64_t channels) {
  const Tensor& weights = network.initializers.at(reader.slice->tensor);
  const SliceView view(weights.shape(), reader.slice->axis, *reader.slice, channels);
  std::vector<double> out(static_cast<std::size_t>(channels), 0.0);
  const std::span<const float> values = weights.data<float>();
  double all = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto w = static_cast<double>(values[i]);
    const std::size_t entry = view.entry(i);
    const double square = w * w * reader.squares[entry];
    all += square;
    if (const auto channel = view.channel(entry)) out[*channel] += square;
  }
  for (double& share : out) share = all > 0 ? std::sqrt(share / all) : 0;
  return out;
}

}  // namespace

void to_mean_one(ChannelScores& scores) {
  double sum = 0, count = 0;
  for (const auto& group : scores) {
    sum = std::accumulate(group.begin(), group.end(), sum);
    count += static_cast<double>(group.size());
  }
  for (auto& group : scores) {
    for (double& score : group) score = sum > 0 ? score * count / sum : 1;
  }
}

std::vector<double> weight_scores(const Graph& network, const ChannelGroup& group) {
  std::vector<double> out = mean_norms(network, group, SliceRole::kScales);
  if (out.empty()) out = mean_norms(network, group, SliceRole::kMakes);
  if (out.empty()) out.assign(static_cast<std::size_t>(group.channels), 1.0);
  const std::vector<double> read = mean_norms(network, group, SliceRole::kReads);
  for (std::size_t c = 0; c < read.size(); ++c) out[c] *= read[c];
  to_mean_one(out);
  return out;
}

Result<ChannelScores> activation_scores(const Graph& network, std::span<const ChannelGroup> groups,
                                        const Tensor& rows) {
  std::vector<Reader> readers = readers_of(network, groups);
  std::vector<std::string> values;
  for (const Reader& reader : readers) {
    if (std::ranges::find(values, reader.value) == values.end()) values.push_back(reader.value);
  }
  TENBIN_CHECK(observe(network, values, rows, [&](const ObservedRows& some) -> Status {
    for (Reader& reader : readers) {
      if (reader.value != values[some.value]) continue;
      reader.axis = axis_of(network, reader, some.shape);
      add_squares(reader, some, groups[reader.group].channels);
    }
    return {};
  }));
  ChannelScores out;
  std::vector<double> count(groups.size(), 0.0);
  for (const ChannelGroup& group : groups) {
    out.emplace_back(static_cast<std::size_t>(group.channels), 0.0);
  }
  for (const Reader& reader : readers) {
    const auto shares = shares_of(network, reader, groups[reader.group].channels);
    std::ranges::transform(shares, out[reader.group], out[reader.group].begin(), std::plus<>());
    ++count[reader.group];
  }
  for (std::size_t g = 0; g < out.size(); ++g) {
    for (double& score : out[g]) score /= std::max(1.0, count[g]);
  }
  to_mean_one(out);
  return out;
}

}  // namespace tenbin

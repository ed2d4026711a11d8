// SPDX-License-Identifier: Apache-2.0
#include "compress/cut_channels.h"

#include <algorithm>
#include <cmath>

#include "compress/channel_groups.h"
#include "compress/channel_scores.h"
#include "compress/observe.h"
#include "data/streams/streams.h"

namespace tenbin {
namespace {

constexpr std::int64_t kActivationRows = 256, kSlopeRows = 1024, kJudgedRows = 512;
constexpr std::int64_t kSlopeBatch = 32;

Tensor some_rows(const Tensor& rows, std::int64_t first, std::int64_t count) {
  Shape shape = rows.shape();
  const auto width = static_cast<std::size_t>(rows.count() / shape[0]);
  shape[0] = count;
  return Tensor::of<float>(shape,
                           rows.data<float>().subspan(static_cast<std::size_t>(first) * width,
                                                      static_cast<std::size_t>(count) * width));
}

// Of the last rows, which the slopes did not see where there are enough.
Result<double> error_of(const Graph& network, const TeacherRows& teacher) {
  const std::int64_t count = std::min(teacher.rows(), kJudgedRows), first = teacher.rows() - count;
  TENBIN_TRY(const Tensor found, values_of(network, network.outputs.front().name,
                                           some_rows(teacher.features, first, count)));
  const auto wanted = teacher.logits.subspan(static_cast<std::size_t>(first * teacher.outputs));
  const auto answers = found.data<float>();
  double error = 0, size = 0;
  for (std::size_t i = 0; i < std::min(wanted.size(), answers.size()); ++i) {
    error += std::pow(static_cast<double>(wanted[i]) - static_cast<double>(answers[i]), 2);
    size += std::pow(static_cast<double>(wanted[i]), 2);
  }
  return size > 0 ? error / size : error;
}

Result<ChannelScores> slopes(const Graph& network, const std::vector<ChannelGroup>& groups,
                             const TeacherRows& teacher, int threads,
                             const StopQuestion& may_go_on) {
  const std::int64_t count = std::min(teacher.rows(), kSlopeRows);
  const Tensor rows = some_rows(teacher.features, 0, count);
  std::vector<std::int64_t> labels;
  const auto width = static_cast<std::size_t>(teacher.outputs);
  for (std::size_t row = 0; row < static_cast<std::size_t>(count); ++row) {
    const auto answers = teacher.logits.subspan(row * width, width);
    labels.push_back(std::ranges::max_element(answers) - answers.begin());
  }
  RowTargets targets;
  targets.labels = labels;
  StreamOptions reading;
  reading.batch = std::min(kSlopeBatch, count);
  const auto stream = dense_stream(
      rows.data<float>(), Shape(rows.shape().begin() + 1, rows.shape().end()), targets, reading);
  TaylorOptions options;
  options.training.threads = threads;
  options.may_go_on = may_go_on;
  return taylor_scores(network, groups, *stream, options);
}

}  // namespace

Result<RankedCut> cut_channels(const Graph& network, PruneOptions options,
                               const TeacherRows& teacher, int threads,
                               const StopQuestion& may_go_on) {
  TENBIN_TRY(const auto groups, channel_groups(network));
  const Tensor some = some_rows(teacher.features, 0, std::min(teacher.rows(), kActivationRows));
  RankedCut out;
  out.ranking = "activations";
  TENBIN_TRY(options.scores, activation_scores(network, groups, some));
  TENBIN_TRY(out.cut, prune_channels(network, options));
  TENBIN_TRY(out.error, error_of(out.cut.graph, teacher));
  if (teacher.outputs < 2) return out;
  auto scores = slopes(network, groups, teacher, threads, may_go_on);
  if (!scores.ok()) {
    TENBIN_CHECK(may_go_on());
    return out;  // a network without slopes is cut all the same
  }
  options.scores = std::move(*scores);
  TENBIN_TRY(PrunedNetwork other, prune_channels(network, options));
  TENBIN_TRY(const double error, error_of(other.graph, teacher));
  out.other_error = error;
  if (error < out.error) {
    out.other_error = out.error;
    out.cut = std::move(other);
    out.ranking = "gradients";
    out.error = error;
  }
  return out;
}

}  // namespace tenbin

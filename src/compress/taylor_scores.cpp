// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "compress/channel_scores.h"
#include "compress/slice_view.h"

namespace tenbin {
namespace {

// A step of plain descent moves weights by the rate times the gradient. Large, so that the
// difference does not drown in the weight; a power of two, so that the division is exact.
constexpr double kRate = 1024;

TrainOptions plain_descent(TrainOptions options) {
  options.optimizer = OptimizerKind::kSgd;
  options.precision = Precision::kFloat32;
  options.momentum = 0;
  options.weight_decay = 0;
  options.clip_norm = 0;
  return options;
}

// Adds to each channel |sum of w * dL/dw| over the weights that read it.
Status add_changes(const Graph& before, const Graph& after, const ChannelGroup& group,
                   std::vector<double>& scores) {
  std::vector<double> changes(scores.size(), 0.0);
  for (const ChannelSlice& slice : group.slices) {
    if (slice.role != SliceRole::kReads) continue;
    const Tensor& weights = before.initializers.at(slice.tensor);
    const SliceView view(weights.shape(), slice.axis, slice, group.channels);
    const std::span<const float> w = weights.data<float>();
    const std::span<const float> moved = after.initializers.at(slice.tensor).data<float>();
    for (std::size_t i = 0; i < w.size(); ++i) {
      const auto channel = view.channel(view.entry(i));
      if (!channel) continue;
      const auto was = static_cast<double>(w[i]);
      changes[*channel] += was * (was - static_cast<double>(moved[i])) / kRate;
    }
  }
  for (std::size_t c = 0; c < scores.size(); ++c) {
    if (!std::isfinite(changes[c])) {
      return Error(ErrorCode::kNonFinite, "the gradient of channel " + std::to_string(c) + " of '" +
                                              group.name + "' is not finite");
    }
    scores[c] += std::abs(changes[c]);
  }
  return {};
}

}  // namespace

Result<ChannelScores> taylor_scores(const Graph& network, std::span<const ChannelGroup> groups,
                                    BatchStream& rows, const TaylorOptions& options) {
  TENBIN_TRY(const auto plan,
             TrainPlan::compile(network, rows.batch_size(), plain_descent(options.training)));
  const std::string start = plan->save_state();
  ChannelScores out;
  for (const ChannelGroup& group : groups) {
    out.emplace_back(static_cast<std::size_t>(group.channels), 0.0);
  }
  TENBIN_CHECK(rows.start_epoch(0, 0));
  std::int64_t done = 0;
  for (; options.batches == 0 || done < options.batches; ++done) {
    TENBIN_CHECK(options.may_go_on());
    TENBIN_TRY(const Batch batch, rows.next());
    if (batch.rows == 0) break;
    TENBIN_CHECK(plan->load_state(start));
    // A ReLU may turn NaN into 0: what goes in is looked at, too.
    const bool finite =
        std::ranges::all_of(batch.features, [](float x) { return std::isfinite(x); });
    if (!finite || !std::isfinite(plan->step(batch, kRate))) {
      return Error(ErrorCode::kNonFinite, std::string(finite ? "the loss" : "a value") +
                                              " of batch " + std::to_string(done) +
                                              " is not finite");
    }
    const Graph after = plan->export_graph();
    for (std::size_t g = 0; g < groups.size(); ++g) {
      TENBIN_CHECK(add_changes(network, after, groups[g], out[g]));
    }
  }
  if (done == 0) {
    return Error(ErrorCode::kTooFewRows, "no rows to take gradients of, expected a batch or more");
  }
  to_mean_one(out);
  return out;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "compress/prune.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/units.h"
#include "graph/counts.h"

namespace tenbin {
namespace {

constexpr double kLeastShare = 1.0 / 16;  // of the channels of a group
constexpr int kHalvings = 24;
// A channel of twice the cost need not matter twice as much to stay: costs are known, scores are
// guessed.
constexpr double kCostPower = 0.5;

using KeptChannels = std::vector<std::vector<std::int64_t>>;

struct RankedGroup {
  std::vector<double> scores;       // for what a channel costs
  std::vector<std::int64_t> order;  // best first
  std::int64_t multiple = 1, least = 1;

  // Channels with at least that score, ascending; more for a round number.
  std::vector<std::int64_t> keep(double threshold) const {
    const auto all = static_cast<std::int64_t>(order.size());
    std::int64_t count = std::ranges::count_if(scores, [&](double s) { return s >= threshold; });
    count = std::max(count, least);
    count = std::min(all, (count + multiple - 1) / multiple * multiple);
    std::vector<std::int64_t> out(order.begin(), order.begin() + count);
    std::ranges::sort(out);
    return out;
  }
};

std::vector<std::int64_t> all_channels(const ChannelGroup& group) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(group.channels));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

class Pruner {
 public:
  Pruner(const Graph& network, const PruneOptions& options)
      : network_(network), options_(options) {}

  Result<PrunedNetwork> run() {
    TENBIN_TRY(groups_, channel_groups(network_));
    if (groups_.empty()) {
      return Error(ErrorCode::kBadValue,
                   "no channels can be taken out: all of them enter, leave or meet an operator "
                   "that needs every one");
    }
    TENBIN_CHECK(check_scores());
    TENBIN_CHECK(rank());
    double low = 0, high = 0;  // low: keeps too much
    for (const RankedGroup& group : ranked_) {
      high = std::max(high, *std::ranges::max_element(group.scores) * 1.01);
    }
    TENBIN_TRY(PrunedNetwork best, cut(high));
    if (best.work > options_.work) {
      return Error(ErrorCode::kBadValue, "cutting what can be cut leaves work of " +
                                             to_text(best.work, 3) + ", expected at most " +
                                             to_text(options_.work, 3));
    }
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (low + high) / 2;
      TENBIN_TRY(PrunedNetwork tried, cut(middle));
      const bool fits = tried.work <= options_.work;
      (fits ? high : low) = middle;
      if (fits) best = std::move(tried);
      if (fits && best.work > options_.work * 0.99) break;
    }
    return best;
  }

 private:
  Status check_scores() const {
    if (options_.scores.empty()) return {};
    bool fit = options_.scores.size() == groups_.size();
    for (std::size_t g = 0; fit && g < groups_.size(); ++g) {
      fit = static_cast<std::int64_t>(options_.scores[g].size()) == groups_[g].channels &&
            std::ranges::all_of(options_.scores[g], [](double s) { return std::isfinite(s); });
    }
    if (fit) return {};
    return Error(ErrorCode::kBadValue, "scores of " + std::to_string(options_.scores.size()) +
                                           " groups, expected finite ones for each channel of " +
                                           std::to_string(groups_.size()));
  }

  // What taking out one channel of each group saves.
  Status rank() {
    TENBIN_TRY(const double whole, work_of(network_, options_.weights));
    std::vector<double> costs;
    for (const ChannelGroup& group : groups_) {
      Graph less = network_;
      std::vector<std::int64_t> kept = all_channels(group);
      kept.pop_back();
      TENBIN_CHECK(keep_channels(less, std::span(&group, 1), std::span(&kept, 1)));
      TENBIN_TRY(const double work, work_of(less, options_.weights));
      costs.push_back(std::max(whole - work, whole * 1e-9));
    }
    const double mean =
        std::accumulate(costs.begin(), costs.end(), 0.0) / static_cast<double>(costs.size());
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      RankedGroup ranked;
      ranked.scores =
          options_.scores.empty() ? weight_scores(network_, groups_[g]) : options_.scores[g];
      for (double& score : ranked.scores) score /= std::pow(costs[g] / mean, kCostPower);
      ranked.order = all_channels(groups_[g]);
      std::ranges::stable_sort(ranked.order, [&](std::int64_t a, std::int64_t b) {
        return ranked.scores[static_cast<std::size_t>(a)] >
               ranked.scores[static_cast<std::size_t>(b)];
      });
      const std::int64_t channels = groups_[g].channels;
      ranked.multiple = options_.multiple;
      while (ranked.multiple > 1 && channels < ranked.multiple) ranked.multiple /= 2;
      ranked.least = std::max<std::int64_t>(
          1, std::llround(std::ceil(static_cast<double>(channels) * kLeastShare)));
      ranked_.push_back(std::move(ranked));
    }
    return {};
  }

  Result<PrunedNetwork> cut(double threshold) const {
    PrunedNetwork out;
    KeptChannels kept;
    std::string list;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      kept.push_back(ranked_[g].keep(threshold));
      const auto now = static_cast<std::int64_t>(kept.back().size());
      out.channels_before += groups_[g].channels;
      out.channels += now;
      list +=
          (g == 0 ? "" : ", ") + std::to_string(groups_[g].channels) + "->" + std::to_string(now);
    }
    out.what = std::to_string(out.channels) + " of " + std::to_string(out.channels_before) +
               " channels in " + std::to_string(groups_.size()) + " groups: " + list;
    out.graph = network_;
    TENBIN_CHECK(keep_channels(out.graph, groups_, kept));
    TENBIN_TRY(out.work, work_of(out.graph, options_.weights));
    return out;
  }

  const Graph& network_;
  const PruneOptions& options_;
  std::vector<ChannelGroup> groups_;
  std::vector<RankedGroup> ranked_;
};

}  // namespace

Result<double> work_of(const Graph& network, const WorkWeights& weights) {
  TENBIN_TRY(const GraphCounts counts, count(network));
  return weights.mac * static_cast<double>(counts.macs.count) +
         weights.parameter * static_cast<double>(counts.parameters);
}

Result<PrunedNetwork> prune_channels(const Graph& network, const PruneOptions& options) {
  return Pruner(network, options).run();
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/pair_runner.h"

#include <algorithm>
#include <cmath>

namespace tenbin::bench {
namespace {

constexpr double kSteady = 1.3, kWarm = 1.05, kMostUnsteady = 1.0 / 3;
constexpr int kMostWarmUps = 12;

struct Timed {
  Block block;
  double before = 0, after = 0;
};

Result<double> probe(const PairOptions& options) {
  TENBIN_TRY(const Peak peak, options.probe());
  return options.timing == Timing::kWall ? peak.by_wall : peak.by_cpu;
}

Result<Timed> timed_block(Arm& arm, std::int64_t iterations, const PairOptions& options) {
  Timed out;
  TENBIN_TRY(out.before, probe(options));
  TENBIN_CHECK(arm.go_on());
  TENBIN_CHECK(arm.run(1));  // caches and clocks come back
  TENBIN_TRY(out.block, arm.run(iterations));
  TENBIN_CHECK(arm.stop());
  TENBIN_TRY(out.after, probe(options));
  return out;
}

PairSample pair_of(const Timed& a, const Timed& b) {
  PairSample out{a.block, b.block, (a.before + a.after) / 2, (b.before + b.after) / 2, true};
  const auto [low, high] = std::minmax({a.before, a.after, b.before, b.after});
  out.steady = low > 0 && high / low <= kSteady;
  return out;
}

}  // namespace

double time_of(const Block& block, Timing timing) {
  switch (timing) {
    case Timing::kCpu: return block.cpu_each();
    case Timing::kWall: return block.wall_each();
    case Timing::kMedian: return block.p50_s;
  }
  return block.wall_each();
}

Result<std::int64_t> warm_up(Arm& arm, Duration block, Timing timing, std::int64_t least) {
  std::int64_t iterations = 1;
  std::vector<double> last;
  for (int tries = 0; tries < kMostWarmUps;) {
    TENBIN_TRY(const Block got, arm.run(iterations));
    if (got.wall_s < in_seconds(block) / 2 && iterations < std::int64_t{1} << 40) {
      const double wanted = in_seconds(block) / std::max(got.wall_each(), 1e-9);
      const auto most = static_cast<double>(iterations) * 20;  // a cold first one misleads
      iterations =
          std::max<std::int64_t>(iterations + 1, static_cast<std::int64_t>(std::min(wanted, most)));
      if (iterations >= least) continue;
    }
    iterations = std::max(iterations, least);
    ++tries;
    last.push_back(time_of(got, timing));
    if (last.size() < 3) continue;
    const auto [low, high] =
        std::minmax({last[last.size() - 1], last[last.size() - 2], last[last.size() - 3]});
    if (high <= low * kWarm) break;
  }
  return iterations;
}

Result<std::vector<PairSample>> run_pairs(Arm& a, Arm& b, const PairOptions& options) {
  TENBIN_CHECK(b.stop());
  TENBIN_CHECK(a.go_on());
  TENBIN_TRY(const std::int64_t count_a, warm_up(a, options.block, options.timing));
  TENBIN_CHECK(a.stop());
  TENBIN_CHECK(b.go_on());
  TENBIN_TRY(const std::int64_t count_b, warm_up(b, options.block, options.timing));
  TENBIN_CHECK(b.stop());
  std::vector<PairSample> out;
  for (int pair = 0; pair < options.pairs; ++pair) {
    if (pair % 2 == 0) {
      TENBIN_TRY(const Timed first, timed_block(a, count_a, options));
      TENBIN_TRY(const Timed second, timed_block(b, count_b, options));
      out.push_back(pair_of(first, second));
    } else {
      TENBIN_TRY(const Timed first, timed_block(b, count_b, options));
      TENBIN_TRY(const Timed second, timed_block(a, count_a, options));
      out.push_back(pair_of(second, first));
    }
  }
  return out;
}

Spread spread_of(const std::vector<double>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  return {median(values), low, high};
}

std::optional<PairSummary> summarise(const std::vector<PairSample>& samples, Timing timing,
                                     double work_each) {
  std::vector<double> ratios, a, b, share_a, share_b;
  PairSummary out;
  for (const PairSample& sample : samples) {
    if (!sample.steady) continue;
    a.push_back(time_of(sample.a, timing));
    b.push_back(time_of(sample.b, timing));
    ratios.push_back(b.back() / a.back());
    share_a.push_back(work_each / a.back() / sample.peak_a);
    share_b.push_back(work_each / b.back() / sample.peak_b);
    for (const Block& block : {sample.a, sample.b}) {
      out.busy_gap = std::max(out.busy_gap, block.wall_s / block.cpu_s - 1);
    }
  }
  out.pairs = static_cast<std::int64_t>(ratios.size());
  out.unsteady = static_cast<std::int64_t>(samples.size()) - out.pairs;
  const auto all = static_cast<double>(samples.size());
  if (ratios.empty() || static_cast<double>(out.unsteady) > all * kMostUnsteady) return {};
  out.ratio = bootstrap(ratios);
  out.a = spread_of(a);
  out.b = spread_of(b);
  out.best = out.b.min / out.a.min;
  out.peak_share_a = median(share_a);
  out.peak_share_b = median(share_b);
  return out;
}

}  // namespace tenbin::bench

// SPDX-License-Identifier: Apache-2.0
#include "app/shrink/pair_runs.h"

#include <algorithm>

#include "base/bootstrap.h"
#include "platform/clock.h"

namespace tenbin {
namespace {

struct Arm {
  const PairSide& side;
  std::vector<double> seconds, joules, runs;
};

// One block of one arm: its median run, and its energy a run.
Status run_block(Arm& arm, const PairPlan& plan, Meter& meter, Clock& clock,
                 std::string& no_joules) {
  Session& session = arm.side.session;
  const auto& inputs = arm.side.inputs;
  TENBIN_CHECK(session.run(inputs.front()));  // what the other arm left in the caches
  std::vector<double> times;
  const Duration began = meter.sample();
  Duration now = clock.steady_now();
  const Duration until = now + plan.block;
  while (now < until || times.size() < static_cast<std::size_t>(plan.runs)) {
    const Duration from = clock.steady_now();
    TENBIN_CHECK(session.run(inputs[times.size() % inputs.size()]));
    now = clock.steady_now();
    times.push_back(in_seconds(now - from));
  }
  const Duration ended = meter.sample();
  const EnergyEstimate energy = meter.between(began, ended);
  if (energy.value && energy.value->nanojoules > 0) {
    arm.joules.push_back(in_joules(*energy.value) / static_cast<double>(times.size()));
  } else if (no_joules.empty()) {
    no_joules = energy.reason.empty() ? "the energy source saw none in a block" : energy.reason;
  }
  arm.seconds.push_back(median(times));
  arm.runs.insert(arm.runs.end(), times.begin(), times.end());
  return {};
}

}  // namespace

Result<PairRuns> run_pairs(const PairSide& original, const PairSide& candidate,
                           const PairPlan& plan, Meter& meter, Clock& clock,
                           const std::function<Status()>& may_go_on) {
  PairRuns out;
  out.plan = plan;
  Arm a{original, {}, {}, {}}, b{candidate, {}, {}, {}};
  for (int pair = -1; pair < plan.pairs; ++pair) {  // the first warms up
    TENBIN_CHECK(may_go_on());
    Arm& first = pair % 2 == 0 ? a : b;
    Arm& second = pair % 2 == 0 ? b : a;
    TENBIN_CHECK(run_block(first, plan, meter, clock, out.no_joules));
    TENBIN_CHECK(run_block(second, plan, meter, clock, out.no_joules));
    if (pair >= 0) continue;
    for (Arm* arm : {&a, &b}) {
      arm->seconds.clear();
      arm->joules.clear();
      arm->runs.clear();
    }
  }
  out.faster = times_less(a.seconds, b.seconds);
  const auto pairs = static_cast<std::size_t>(plan.pairs);
  if (a.joules.size() == pairs && b.joules.size() == pairs) {
    out.fewer_joules = times_less(a.joules, b.joules);
    out.original_joules = std::move(a.joules);
    out.candidate_joules = std::move(b.joules);
    out.no_joules.clear();
  }
  std::sort(a.runs.begin(), a.runs.end());
  std::sort(b.runs.begin(), b.runs.end());
  out.original_seconds = std::move(a.seconds);
  out.candidate_seconds = std::move(b.seconds);
  out.original_runs = std::move(a.runs);
  out.candidate_runs = std::move(b.runs);
  return out;
}

std::optional<double> quantile_of_runs(const std::vector<double>& sorted, double q) {
  const double beyond = (1 - q) * static_cast<double>(sorted.size());
  if (sorted.empty() || (q > 0.5 && beyond < 20)) return std::nullopt;
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

}  // namespace tenbin

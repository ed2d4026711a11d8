// SPDX-License-Identifier: Apache-2.0
#include "app/profile/batch_run.h"

#include <algorithm>

#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr std::size_t kLeastRuns = 5, kMostRuns = 100'000, kMostWatched = 2'000;
constexpr std::size_t kForP99 = 2'000;  // 20 beyond it

Duration at(const std::vector<Duration>& sorted, double q) {
  const auto i = static_cast<std::size_t>(q * static_cast<double>(sorted.size()));
  return sorted[std::min(i, sorted.size() - 1)];
}

Status warm(Session& session, std::span<const Tensor> inputs, Duration time, Clock& clock) {
  const Duration until = clock.steady_now() + time / 10;
  for (int i = 0; i < 3 || clock.steady_now() < until; ++i) TENBIN_CHECK(session.run(inputs));
  return {};
}

Status run_alone(Session& session, std::span<const Tensor> inputs, Duration time, Clock& clock,
                 BatchRun& out) {
  std::vector<Duration> all, undisturbed;
  Duration now = clock.steady_now();
  const Duration until = now + time;
  while (all.size() < kLeastRuns || (now < until && all.size() < kMostRuns)) {
    const std::int64_t lost = clock.preemptions();
    const Duration begin = clock.steady_now();
    TENBIN_CHECK(session.run(inputs));
    now = clock.steady_now();
    all.push_back(now - begin);
    if (clock.preemptions() == lost) undisturbed.push_back(now - begin);
  }
  out.metered = static_cast<std::int64_t>(all.size());
  // A run longer than the kernel's time slice is always disturbed on a busy machine.
  const bool enough = undisturbed.size() * 2 >= all.size() && undisturbed.size() >= kLeastRuns;
  if (enough) {
    out.preempted = static_cast<std::int64_t>(all.size() - undisturbed.size());
    all = std::move(undisturbed);
  }
  out.samples = static_cast<std::int64_t>(all.size());
  out.latency = spread_of(all);
  if (all.size() < kForP99) return {};
  std::sort(all.begin(), all.end());
  out.p99 = at(all, 0.99);
  return {};
}

Status run_watched(Session& session, std::span<const Tensor> inputs, Duration time, Clock& clock,
                   BatchRun& out) {
  StepTimes times(clock);
  Duration now = clock.steady_now();
  const Duration until = now + time;
  while (out.watched.size() < kLeastRuns || (now < until && out.watched.size() < kMostWatched)) {
    const Duration begin = clock.steady_now();
    TENBIN_CHECK(session.run(inputs, times));
    now = clock.steady_now();
    times.end_run();
    out.watched.push_back(now - begin);
  }
  out.slots = times.slots();
  return {};
}

}  // namespace

Spread spread_of(std::vector<Duration> times) {
  std::sort(times.begin(), times.end());
  return {at(times, 0.5), at(times, 0.25), at(times, 0.75)};
}

Result<BatchRun> run_batch(Session& session, std::span<const Tensor> inputs, Duration time,
                           Meter& meter, Clock& clock) {
  BatchRun out;
  TENBIN_CHECK(warm(session, inputs, time, clock));
  const Duration begin = meter.sample();
  TENBIN_CHECK(run_alone(session, inputs, time * 3 / 5, clock, out));
  const Duration end = meter.sample();
  out.energy = meter.between(begin, end);
  const Status watched = run_watched(session, inputs, time * 3 / 10, clock, out);
  if (watched.ok()) return out;
  if (watched.error().code() != ErrorCode::kMissingCapability) return watched.error();
  out.no_steps = watched.error().message();
  return out;
}

}  // namespace tenbin

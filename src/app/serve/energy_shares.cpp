// SPDX-License-Identifier: Apache-2.0
#include "app/serve/energy_shares.h"

#include <algorithm>

#include "platform/clock.h"

namespace tenbin {
namespace {

constexpr Duration kInterval = 100ms;

std::int64_t scaled(Duration cpu, double watts) {
  return static_cast<std::int64_t>(static_cast<double>(cpu.count()) * watts);  // ns * W = nJ
}

}  // namespace

EnergyShares::EnergyShares(Meter& meter, Clock& clock, const Prices& prices)
    : meter_(meter),
      clock_(clock),
      prices_(prices),
      settled_(meter.started()),
      cpu_(clock.process_cpu()),
      started_(meter.started()) {
  totals_.provenance = meter.provenance();
  totals_.source = meter.source();
  totals_.currency = prices.currency();
  thread_ = std::thread([this] { work(); });
}

EnergyShares::~EnergyShares() { stop(); }

void EnergyShares::stop() {
  stop_.store(true);
  if (thread_.joinable()) thread_.join();
}

void EnergyShares::work() {
  while (!stop_.load()) {
    clock_.wait_until(clock_.steady_now() + kInterval);
    settle();
    std::function<void(Power, Duration)> call;
    {
      const std::lock_guard lock(mutex_);
      call = after_each_;
    }
    if (call) call(recent(), kInterval);
  }
}

std::optional<RequestCost> EnergyShares::account(const BatchFacts& batch) {
  const double watts = watts_.load(std::memory_order_relaxed);
  const std::int64_t all = scaled(batch.cpu, watts);
  const std::int64_t rows = batch.rows + batch.padding;
  const std::int64_t padding = rows == 0 ? 0 : all * batch.padding / rows;
  given_.fetch_add(all - padding, std::memory_order_relaxed);
  padding_.fetch_add(padding, std::memory_order_relaxed);
  ServeStats& stats = batch.version->stats();
  stats.request_energy.fetch_add(all - padding, std::memory_order_relaxed);
  stats.padding_energy.fetch_add(padding, std::memory_order_relaxed);
  if (watts == 0) return std::nullopt;
  RequestCost cost;
  cost.energy = Energy{all - padding};
  const auto nanojoules = static_cast<double>(all - padding);
  cost.low = Energy{static_cast<std::int64_t>(nanojoules * low_.load(std::memory_order_relaxed))};
  cost.high = Energy{static_cast<std::int64_t>(nanojoules * high_.load(std::memory_order_relaxed))};
  cost.provenance = meter_.provenance();
  cost.money = prices_.cost_in_units(cost.energy, batch.end - batch.begin);
  cost.currency = prices_.currency();
  return cost;
}

void EnergyShares::settle() {
  const std::lock_guard lock(mutex_);
  const Duration now = meter_.sample();
  if (now <= settled_) return;
  const EnergyEstimate seen = meter_.between(settled_, now);
  const Duration cpu = clock_.process_cpu();
  const std::int64_t energy = seen.at_most().nanojoules;
  // Read once: a batch that ends between two reads would be in no interval.
  const std::int64_t given_now = given_.load(), padding_now = padding_.load();
  const std::int64_t given = given_now - std::exchange(settled_given_, given_now);
  const std::int64_t padding = padding_now - std::exchange(settled_padding_, padding_now);
  const Duration busy = cpu - std::exchange(cpu_, cpu);
  const Duration interval = now - settled_;
  recent_.w += 0.15 * (in_watts(Energy{energy} / interval) - recent_.w);
  settled_ = now;
  // More was given than there was: the next intervals owe it.
  const std::int64_t left = energy - debt_ - given - padding;
  debt_ = std::max<std::int64_t>(0, -left);
  const std::int64_t batches =
      std::min(scaled(busy, watts_.load()), given + padding);  // of the process's own work
  const std::int64_t overhead = std::clamp<std::int64_t>(scaled(busy, watts_.load()) - batches, 0,
                                                         std::max<std::int64_t>(left, 0));
  totals_.total += Energy{energy};
  totals_.requests += Energy{given};
  totals_.padding += Energy{padding};
  totals_.overhead += Energy{overhead};
  totals_.idle += Energy{std::max<std::int64_t>(left, 0) - overhead};
  const double value = static_cast<double>(std::max<std::int64_t>(energy, 1));
  totals_.relative_error = static_cast<double>(seen.hi.nanojoules - seen.lo.nanojoules) / 2 / value;
  low_.store(static_cast<double>(seen.lo.nanojoules) / value);
  high_.store(static_cast<double>(seen.hi.nanojoules) / value);
  totals_.cost = prices_.cost_in_units(totals_.total, now - started_);
  totals_.carbon_grams = in_grams(prices_.emissions(totals_.total));
  // The price of a CPU second follows what was seen; an interval with next to no work says nothing.
  if (busy > Duration(1ms)) {
    const double watts = static_cast<double>(energy) / static_cast<double>(busy.count());
    const double before = watts_.load();
    watts_.store(before == 0 ? watts : before + 0.2 * (watts - before));
  }
}

Power EnergyShares::recent() const {
  const std::lock_guard lock(mutex_);
  return recent_;
}

void EnergyShares::after_each(std::function<void(Power recent, Duration interval)> call) {
  const std::lock_guard lock(mutex_);
  after_each_ = std::move(call);
}

ServingEnergy EnergyShares::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace tenbin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "app/serve/serving.h"
#include "meter/meter.h"
#include "serve/run_batch.h"

namespace tenbin {

class Clock;

// Gives every batch its joules as it ends, and settles with the meter ten times a second: what the
// meter saw in an interval goes to requests and padding by the CPU time of their batches, to
// overhead by the rest of the process's CPU time, and to idle. The price of a CPU second is that of
// the intervals before, so a request's share is known at once; what it was off by is settled in the
// next intervals, so that all accounts sum to the meter's total. Thread-safe.
class EnergyShares final : public BatchAccountant {
 public:
  // Borrowed: meter (started), clock.
  EnergyShares(Meter& meter, Clock& clock, const Prices& prices);
  ~EnergyShares() override;
  EnergyShares(const EnergyShares&) = delete;

  std::optional<RequestCost> account(const BatchFacts& batch) override;
  ServingEnergy totals() const;
  // Mean power of about the last second.
  Power recent() const;
  // Called after each settling, on its thread.
  void after_each(std::function<void(Power recent, Duration interval)> call);
  // Settles until now.
  void settle();
  // Settles no more by itself; batches may still be accounted.
  void stop();

 private:
  void work();

  Meter& meter_;
  Clock& clock_;
  Prices prices_;
  // Of a second of CPU time [W]; lower and upper are factors of it.
  std::atomic<double> watts_{0}, low_{1}, high_{1};
  std::atomic<std::int64_t> given_{0}, padding_{0};  // [nJ] since the start, as batches ended
  mutable std::mutex mutex_;                         // of what follows
  Duration settled_{}, cpu_{};
  std::int64_t settled_given_ = 0, settled_padding_ = 0, debt_ = 0;  // [nJ]
  ServingEnergy totals_;
  Power recent_;
  std::function<void(Power, Duration)> after_each_;
  Duration started_{};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tenbin

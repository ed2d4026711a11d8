// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
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
  // Settles until now.
  void settle();

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
  Duration started_{};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tenbin
